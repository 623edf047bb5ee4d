import type { ReactNode } from 'react';
import type { Id } from '@/api/types';
import { useConversation, useTimeline } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { EmptyState, ErrorState, PaneBoundary, Skeleton } from '@/ui/states';
import { CallbackBanner } from './CallbackBanner';
import { Radar } from './Radar';
import { ThreadHead } from './ThreadHead';
import { ThreadLinks } from './ThreadLinks';
import { Timeline } from './Timeline';
import { useReading } from './useReading';
import css from './thread.module.css';
import { titleOf } from '@/entities/conversation/title';

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

/** A conversation: its head, everything said in it, and the composer below. */
export function Thread({ conversationId, seq, composer, onShowCard, onBack }: ThreadProps) {
  const t = useT();
  const timeline = useTimeline(conversationId);
  const conversation = useConversation(conversationId);
  const unread = useReading(conversation, timeline?.load === 'ready');
  if (timeline?.load === 'failed' && timeline.items.length === 0) {
    return <ErrorState title={t('thread.failed')} error={timeline.error} />;
  }
  if (!conversation) {
    return timeline?.load === 'ready' ? (
      <EmptyState title={t('thread.gone')} text={t('thread.gone_text')} />
    ) : (
      <Skeleton lines={9} height={16} />
    );
  }
  const ready = timeline !== undefined && (timeline.load === 'ready' || timeline.items.length > 0);
  return (
    <section className={css.pane} aria-label={titleOf(conversation)}>
      <ThreadHead conversation={conversation} onShowCard={onShowCard} onBack={onBack} />
      <ThreadLinks conversation={conversation} />
      <CallbackBanner conversationId={conversationId} />
      <Radar conversation={conversation} />
      <PaneBoundary resetKey={conversationId}>
        {ready ? (
          <Timeline
            key={conversationId}
            conversation={conversation}
            timeline={timeline}
            unread={unread}
            seq={seq}
          />
        ) : (
          <div className={css.waiting}>
            <Skeleton lines={7} height={18} />
          </div>
        )}
      </PaneBoundary>
      {composer}
    </section>
  );
}
