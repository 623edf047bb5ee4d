import { memo } from 'react';
import type { ConversationItem } from '@/api/types';
import type { TimelineRow } from '@/entities/message/timeline';
import { dayName } from '@/lib/format';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import { EventGroup } from './EventGroup';
import { MessageView } from './MessageView';
import css from './thread.module.css';

interface TimelineItemProps {
  row: TimelineRow;
  conversation: ConversationItem;
  /** The message a link led to. */
  marked: boolean;
}

export const TimelineItem = memo(function TimelineItem({
  row,
  conversation,
  marked,
}: TimelineItemProps) {
  switch (row.type) {
    case 'day':
      return <Day at={row.at} />;
    case 'unread':
      return <Divider count={row.count} />;
    case 'events':
      return <EventGroup entries={row.entries} />;
    case 'message':
      return (
        <MessageView
          message={row.message}
          first={row.first}
          conversation={conversation}
          marked={marked}
        />
      );
  }
});

function Day({ at }: { at: string }) {
  const now = useNow();
  return (
    <div className={css.day} role="separator" aria-label={dayName(at, now)}>
      <span>{dayName(at, now)}</span>
    </div>
  );
}

function Divider({ count }: { count: number }) {
  const t = useT();
  return (
    <div className={css.unread} role="separator">
      <span>{t('thread.unread', { count })}</span>
    </div>
  );
}
