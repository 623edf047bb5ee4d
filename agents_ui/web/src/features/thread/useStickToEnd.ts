import { useEffect, type RefObject } from 'react';

/** How far from the end still counts as reading the newest message. */
const NEAR = 80;

/** Keeps the end in sight when the room changes: a composer that grows hides nothing. */
export function useStickToEnd(scroller: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let height = element.clientHeight;
    let atEnd = true;
    const look = () => {
      if (element.clientHeight !== height) return;
      atEnd = element.scrollHeight - element.scrollTop - height < NEAR;
    };
    const observer = new ResizeObserver(() => {
      height = element.clientHeight;
      if (atEnd) element.scrollTop = element.scrollHeight;
    });
    element.addEventListener('scroll', look, { passive: true });
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', look);
      observer.disconnect();
    };
  }, [scroller]);
}
