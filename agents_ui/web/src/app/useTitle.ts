import { useEffect } from 'react';
import { useCount } from '@/entities/live';

/** The tab says how many conversations of mine have something unread. */
export function useTitle(): void {
  const [, unread] = useCount('mine');
  useEffect(() => {
    document.title = unread > 0 ? `(${unread}) Punte` : 'Punte';
  }, [unread]);
}
