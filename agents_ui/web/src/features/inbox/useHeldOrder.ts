import { useCallback, useEffect, useRef, useState } from 'react';
import { holdStill, type Held } from './held';

const HOLD_MS = 3000;

interface HeldOrder extends Held {
  /** Somebody points at the list: keep it still for a while. */
  hold: () => void;
  /** Show the list as it really is now. */
  release: () => void;
}

/** The order of a list that does not jump under the pointer. */
export function useHeldOrder(ids: readonly string[]): HeldOrder {
  const [held, setHeld] = useState(false);
  const [shown, setShown] = useState(ids);
  const timer = useRef<number | undefined>(undefined);
  if (!held && shown !== ids) setShown(ids);
  const release = useCallback(() => {
    window.clearTimeout(timer.current);
    setHeld(false);
  }, []);
  const hold = useCallback(() => {
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(release, HOLD_MS);
    setHeld(true);
  }, [release]);
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return { ...(held ? holdStill(shown, ids) : { order: ids, waiting: 0 }), hold, release };
}
