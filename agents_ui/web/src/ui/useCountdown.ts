import { useEffect, useState } from 'react';

/** Seconds left until a moment, counted down on screen; 0 when it has passed. */
export function useCountdown(until: number | null): number {
  const left = () => (until === null ? 0 : Math.max(0, Math.ceil((until - Date.now()) / 1000)));
  const [seconds, setSeconds] = useState(left);
  const [of, setOf] = useState(until);
  if (of !== until) {
    setOf(until);
    setSeconds(left());
  }
  useEffect(() => {
    if (until === null) return;
    const timer = setInterval(() => {
      const next = Math.max(0, Math.ceil((until - Date.now()) / 1000));
      setSeconds(next);
      if (next === 0) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [until]);
  return seconds;
}
