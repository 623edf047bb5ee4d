import type { KeyboardEvent, PointerEvent } from 'react';
import css from './splitter.module.css';

interface Props {
  label: string;
  width: number;
  min: number;
  max: number;
  /** 1 when the pane stands before the splitter, -1 when it stands after. */
  side: 1 | -1;
  onResize: (width: number) => void;
  /** The agent let go: a good moment to remember the width. */
  onDone: (width: number) => void;
}

const STEP = 16;

/** The edge between two panes: dragged, or moved with the arrow keys. */
export function Splitter({ label, width, min, max, side, onResize, onDone }: Props) {
  const clamp = (value: number) => Math.round(Math.min(max, Math.max(min, value)));
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    const handle = event.currentTarget;
    const start = event.clientX;
    let last = width;
    handle.setPointerCapture(event.pointerId);
    handle.onpointermove = (move) =>
      onResize((last = clamp(width + (move.clientX - start) * side)));
    handle.onlostpointercapture = () => {
      handle.onpointermove = handle.onlostpointercapture = null;
      onDone(last);
    };
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === 'ArrowLeft' ? -STEP : event.key === 'ArrowRight' ? STEP : 0;
    if (step === 0) return;
    event.preventDefault();
    const next = clamp(width + step * side);
    onResize(next);
    onDone(next);
  };
  return (
    <div
      className={css.splitter}
      role="separator"
      aria-orientation="vertical"
      aria-label={label}
      aria-valuenow={width}
      aria-valuemin={min}
      aria-valuemax={max}
      tabIndex={0}
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}
