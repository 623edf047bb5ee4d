import {
  IconAlarm,
  IconCircleCheck,
  IconCircleDot,
  IconChevronDown,
  IconChevronsUp,
  IconChevronUp,
  IconHourglass,
  IconMinus,
} from '@tabler/icons-react';
import type { Priority, Status, Tag } from '@/api/types';
import type { Key } from '@/lib/i18n';
import { useTag } from '@/entities/live';
import { useT } from '@/ui/i18n';
import css from './bits.module.css';

export const STATUS_KEYS: Record<Status, Key> = {
  open: 'conversation.status.open',
  waiting: 'conversation.status.waiting',
  snoozed: 'conversation.status.snoozed',
  closed: 'conversation.status.closed',
};

const STATUS_ICONS = {
  open: IconCircleDot,
  waiting: IconHourglass,
  snoozed: IconAlarm,
  closed: IconCircleCheck,
} as const;

export function StatusIcon({ status, size = 16 }: { status: Status; size?: number }) {
  const Icon = STATUS_ICONS[status] ?? IconCircleDot;
  return <Icon size={size} stroke={1.8} className={css.status} data-status={status} aria-hidden />;
}

/** The status in words with its glyph; never by colour alone. */
export function StatusPill({ status }: { status: Status }) {
  const t = useT();
  return (
    <span className={css.pill} data-status={status}>
      <StatusIcon status={status} size={14} />
      {t(STATUS_KEYS[status])}
    </span>
  );
}

export const PRIORITIES: readonly Priority[] = [3, 2, 1, 0];
export const PRIORITY_KEYS: Record<Priority, Key> = {
  0: 'conversation.priority.low',
  1: 'conversation.priority.normal',
  2: 'conversation.priority.high',
  3: 'conversation.priority.urgent',
};

const PRIORITY_ICONS = {
  0: IconChevronDown,
  1: IconMinus,
  2: IconChevronUp,
  3: IconChevronsUp,
} as const;

export function PriorityIcon({ priority, size = 16 }: { priority: Priority; size?: number }) {
  const Icon = PRIORITY_ICONS[priority] ?? IconMinus;
  return (
    <Icon size={size} stroke={2} className={css.priority} data-priority={priority} aria-hidden />
  );
}

/** A tag by id; a tag that was deleted meanwhile shows nothing. */
export function TagChip({ id }: { id: string }) {
  const tag = useTag(id);
  return tag ? <TagName tag={tag} /> : null;
}

export function TagName({ tag }: { tag: Tag }) {
  return (
    <span className={css.tag}>
      <TagDot color={tag.color} />
      {tag.name}
    </span>
  );
}

/** The colour an administrator gave a tag. */
export function TagDot({ color }: { color: string }) {
  return <span className={css.dot} data-color={color} aria-hidden />;
}
