import type { ReactNode } from 'react';
import type { Id } from '@/api/types';
import { useTimeline } from '@/entities/live';
import { Skeleton } from '@/ui/states';

export interface ThreadProps {
  conversationId: Id;
  /** A message to show, from a search hit. */
  seq?: number | undefined;
  composer: ReactNode;
  /** Opens the card drawer on layouts without a third pane. */
  onShowCard?: (() => void) | undefined;
  /** Goes back to the list on layouts with one pane. */
  onBack?: (() => void) | undefined;
}

export function Thread({ conversationId, composer }: ThreadProps) {
  const timeline = useTimeline(conversationId);
  return (
    <>
      <Skeleton lines={timeline?.items.length ?? 6} />
      {composer}
    </>
  );
}
