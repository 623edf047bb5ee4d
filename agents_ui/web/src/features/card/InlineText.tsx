import { useState, type KeyboardEvent } from 'react';
import { takeFocus } from '@/ui/focus';
import css from './card.module.css';

interface InlineTextProps {
  label: string;
  value: string;
  type?: 'text' | 'date';
  multiline?: boolean;
  onSave: (value: string) => void;
  onCancel: () => void;
}

/** A field in the place of its value: Enter or leaving it saves, Escape reverts. */
export function InlineText(props: InlineTextProps) {
  const { label, value, type = 'text', multiline = false, onSave, onCancel } = props;
  const [text, setText] = useState(value);
  const [done, setDone] = useState(false);
  const finish = (save: boolean) => {
    if (done) return;
    setDone(true);
    if (save && text.trim() !== value) onSave(text.trim());
    else onCancel();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const enter = event.key === 'Enter' && (!multiline || event.ctrlKey || event.metaKey);
    if (!enter && event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    finish(enter);
  };
  const shared = {
    className: css.inline,
    'aria-label': label,
    value: text,
    ref: takeFocus,
    onBlur: () => finish(true),
    onKeyDown,
  };
  return multiline ? (
    <textarea {...shared} rows={3} onChange={(event) => setText(event.currentTarget.value)} />
  ) : (
    <input {...shared} type={type} onChange={(event) => setText(event.currentTarget.value)} />
  );
}
