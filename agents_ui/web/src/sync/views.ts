/** Which conversations belong to which list: the rules of `inbox/view_keys.py`, so that lists move without asking. */

import type { ConversationItem, Id, ViewKey } from '@/api/types';

/** True or false by what the row says; null when only the hub can tell. */
export function belongs(key: ViewKey, row: ConversationItem, me: Id): boolean | null {
  if (key === 'spam' || key === 'trash') return row.folder === key;
  if (row.folder !== 'inbox') return false;
  const active = row.status === 'open' || row.status === 'waiting';
  switch (key) {
    case 'mine':
      return active && row.assignee_id === me;
    case 'unassigned':
      return row.status === 'open' && row.assignee_id === null;
    case 'mentions':
      return row.status !== 'closed' && row.follower_ids.includes(me);
    case 'all':
      return active;
    case 'waiting':
    case 'snoozed':
    case 'closed':
      return row.status === key;
    case 'drafts':
      return row.has_draft;
    case 'failed':
      return row.failed_count > 0;
    case 'scheduled':
      return null;
    default:
      return active && belongsToGroup(key, row);
  }
}

function belongsToGroup(key: string, row: ConversationItem): boolean {
  const [kind, id = ''] = key.split(':');
  if (kind === 'team') return row.team_id === id;
  if (kind === 'account') return row.account_id === id;
  return row.tag_ids.includes(id);
}

export type ListOrder = 'newest' | 'oldest_waiting';

/** Negative when `a` stands above `b`. */
export function compareRows(order: ListOrder, a: ConversationItem, b: ConversationItem): number {
  if (order === 'oldest_waiting') {
    return compareWait(a.waiting_since, b.waiting_since) || compareText(a.id, b.id);
  }
  return compareTime(b.last_activity_at, a.last_activity_at) || compareText(b.id, a.id);
}

/** Nobody waiting comes after everybody who does. */
function compareWait(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return compareTime(a, b);
}

/** To the microsecond, which `Date` does not know; the hub leaves out trailing zeros. */
function compareTime(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b) || compareText(fraction(a), fraction(b));
}

function fraction(time: string): string {
  return (/\.(\d+)/.exec(time)?.[1] ?? '').padEnd(6, '0');
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
