import {
  IconAlertTriangle,
  IconArrowBackUp,
  IconCheck,
  IconLock,
  IconPencil,
  IconPhone,
} from '@tabler/icons-react';
import { memo } from 'react';
import type { ConversationItem } from '@/api/types';
import { Avatar, ChannelIcon } from '@/entities/agent/Avatar';
import { PRIORITY_KEYS, PriorityIcon, TagChip } from '@/entities/conversation/bits';
import { useAgent, useConversation, useMe, useTyping, useViewers } from '@/entities/live';
import { fullTime, listTime } from '@/lib/format';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import css from './row.module.css';
import { titleOf } from '@/entities/conversation/title';

/** Rows lower than this have one line. */
const COMPACT = 60;

interface RowProps {
  id: string;
  top: number;
  height: number;
  position: number;
  total: number;
  /** Open in the thread pane. */
  open: boolean;
  /** Where the keyboard is. */
  cursor: boolean;
  picked: boolean;
}

/** A conversation in the list. Plain DOM: hundreds of them scroll past. */
export const ConversationRow = memo(function ConversationRow(props: RowProps) {
  const { id, top, height, position, total, open, cursor, picked } = props;
  const row = useConversation(id);
  if (!row) return null;
  const compact = height < COMPACT;
  const unread = Math.max(0, row.inbound_count - row.read_count);
  return (
    <div
      id={`row-${id}`}
      role="option"
      aria-selected={picked}
      aria-current={open ? 'true' : undefined}
      aria-posinset={position}
      aria-setsize={total}
      className={css.row}
      data-id={id}
      data-compact={compact ? '' : undefined}
      data-cursor={cursor ? '' : undefined}
      data-picked={picked ? '' : undefined}
      data-unread={unread > 0 ? '' : undefined}
      style={{ height, transform: `translateY(${top}px)` }}
    >
      <span className={css.face} data-pick={id}>
        <Avatar
          id={row.card.id}
          name={row.card.name}
          badge={<ChannelIcon channel={row.channels.at(-1) ?? 'email'} size={12} />}
        />
        <span className={css.tick} aria-hidden>
          <IconCheck size={18} stroke={2.4} />
        </span>
      </span>
      <span className={css.line}>
        <span className={css.name}>{row.card.name}</span>
        <Watchers id={id} />
        {row.priority !== 1 && <PriorityMark row={row} />}
        {!compact && <RowTime at={row.last_activity_at} />}
      </span>
      <span className={css.line}>
        <span className={css.subject}>
          <Subject row={row} />
        </span>
        {unread > 0 && <Unread count={unread} />}
      </span>
      <span className={css.line}>
        <span className={css.preview}>
          <Preview row={row} />
        </span>
        {!compact && <Tags ids={row.tag_ids} />}
        <Assignee id={row.assignee_id} />
        {compact && <RowTime at={row.last_activity_at} />}
      </span>
    </div>
  );
});

function RowTime({ at }: { at: string }) {
  const now = useNow();
  return (
    <time className={css.time} dateTime={at} title={fullTime(at)}>
      {listTime(at, now)}
    </time>
  );
}

function Subject({ row }: { row: ConversationItem }) {
  useT();
  return row.subject || <i>{titleOf(row)}</i>;
}

function Unread({ count }: { count: number }) {
  const t = useT();
  return (
    <span className={css.unread}>
      <span aria-hidden>{count}</span>
      <span className="visually-hidden">{t('inbox.count_unread', { count })}</span>
    </span>
  );
}

function PriorityMark({ row }: { row: ConversationItem }) {
  const t = useT();
  const label = t(PRIORITY_KEYS[row.priority]);
  return (
    <span className={css.glyph} title={label}>
      <PriorityIcon priority={row.priority} size={16} />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

/** The newest words of the conversation, after what the agent must know about them. */
function Preview({ row }: { row: ConversationItem }) {
  const t = useT();
  const writers = useTyping(row.id);
  const name = useAgent(writers[0]?.agent_id ?? null)?.name;
  if (name) {
    return (
      <span className={css.typing}>
        <IconPencil size={14} aria-hidden /> {t('inbox.typing', { name })}
      </span>
    );
  }
  return (
    <>
      {row.failed_count > 0 && (
        <span className={css.failed}>
          <IconAlertTriangle size={14} aria-hidden /> {t('inbox.not_sent')}
        </span>
      )}
      {row.has_draft && <span className={css.draft}>{t('inbox.draft')}</span>}
      <Kind kind={row.preview_kind} />
      {row.preview}
    </>
  );
}

function Kind({ kind }: { kind: ConversationItem['preview_kind'] }) {
  const t = useT();
  if (kind === 'inbound' || kind === '') return null;
  const Icon = kind === 'note' ? IconLock : kind === 'call' ? IconPhone : IconArrowBackUp;
  return (
    <span className={css.kind}>
      <Icon size={14} stroke={1.8} aria-hidden />
      <span className="visually-hidden">{t(`inbox.kind.${kind}`)}</span>
    </span>
  );
}

const SHOWN_TAGS = 2;

function Tags({ ids }: { ids: readonly string[] }) {
  return (
    <>
      {ids.slice(0, SHOWN_TAGS).map((id) => (
        <TagChip key={id} id={id} />
      ))}
      {ids.length > SHOWN_TAGS && <span className={css.more}>+{ids.length - SHOWN_TAGS}</span>}
    </>
  );
}

function Assignee({ id }: { id: string | null }) {
  const t = useT();
  const agent = useAgent(id);
  const me = useMe();
  if (!agent) return null;
  const label = t('inbox.assigned_to', { name: agent.id === me.id ? t('pick.me') : agent.name });
  return (
    <span title={label} className={css.glyph}>
      <Avatar id={agent.id} name={agent.name} size="xs" />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}

/** Colleagues who look at this conversation right now. */
function Watchers({ id }: { id: string }) {
  const t = useT();
  const me = useMe();
  const others = useViewers(id).filter((viewer) => viewer !== me.id);
  const first = useAgent(others[0] ?? null);
  if (!first) return null;
  const label = t('inbox.viewing', { name: first.name, count: others.length });
  return (
    <span className={css.watcher} title={label}>
      <Avatar id={first.id} name={first.name} size="xs" />
      <span className="visually-hidden">{label}</span>
    </span>
  );
}
