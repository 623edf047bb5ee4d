import { useState } from 'react';
import { useHub, useMe } from '@/entities/live';

export const LIMITS = {
  list: { min: 260, max: 440 },
  card: { min: 260, max: 420 },
} as const;

type Pane = keyof typeof LIMITS;
const DEFAULTS: Record<Pane, number> = { list: 320, card: 300 };

/** Widths of the panes: kept with the agent's profile, so they are the same on every machine. */
export function usePaneWidths() {
  const hub = useHub();
  const saved = useMe().preferences.panes as Partial<Record<Pane, number>> | undefined;
  const [widths, setWidths] = useState<Record<Pane, number>>({ ...DEFAULTS, ...saved });
  const forPane = (pane: Pane) => ({
    width: widths[pane],
    onResize: (width: number) => setWidths((before) => ({ ...before, [pane]: width })),
    onDone: (width: number) => {
      const panes = { ...widths, [pane]: width };
      hub.changeMe({ preferences: { panes } }).catch(() => undefined); // this page keeps it anyway
    },
  });
  return { ...widths, forPane };
}
