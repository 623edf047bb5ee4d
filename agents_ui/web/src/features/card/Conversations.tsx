import type { ConversationItem, Id } from '@/api/types';
import { ChannelIcon } from '@/entities/agent/Avatar';
import { StatusIcon, STATUS_KEYS } from '@/entities/conversation/bits';
import { useConversation } from '@/entities/live';
import { listTime } from '@/lib/format';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import { More } from './More';
import { usePages } from './paging';
import css from './card.module.css';
import { titleOf } from '@/entities/conversation/title';

interface ConversationsProps {
  cardId: Id;
  current?: Id | undefined;
  onOpen: (id: Id) => void;
}

/** The client's other conversations, newest first. */
export function Conversations({ cardId, current, onOpen }: ConversationsProps) {
  const t = useT();
  const pages = usePages<ConversationItem>(`/api/cards/${cardId}/conversations`);
  const others = pages.items.filter(({ id }) => id !== current);
  if (pages.isSuccess && others.length === 0) {
    return <p className={css.none}>{t('card.no_conversations')}</p>;
  }
  return (
    <>
      <ul className={css.lines}>
        {others.map((row) => (
          <ConversationLine key={row.id} row={row} onOpen={onOpen} />
        ))}
      </ul>
      <More pages={pages} />
    </>
  );
}

function ConversationLine({ row, onOpen }: { row: ConversationItem; onOpen: (id: Id) => void }) {
  const t = useT();
  const now = useNow();
  const { status, subject, number, last_activity_at, channels } = useConversation(row.id) ?? row;
  return (
    <li>
      <button type="button" className={css.line} onClick={() => onOpen(row.id)}>
        <span title={t(STATUS_KEYS[status])}>
          <StatusIcon status={status} />
          <span className="visually-hidden">{t(STATUS_KEYS[status])}</span>
        </span>
        <span className={css.lineText}>{titleOf({ subject, channels })}</span>
        <span className={css.faint}>#{number}</span>
        <ChannelIcon channel={channels.at(-1) ?? ''} />
        <time className={css.faint} dateTime={last_activity_at}>
          {listTime(last_activity_at, now)}
        </time>
      </button>
    </li>
  );
}
