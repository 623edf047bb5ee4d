/** The conversation as the visitor sees it: pure functions over the hub's numbered entries. */

import type { Amend, Entry, FileRef, Msg, Note } from './protocol.ts';

export interface Pending {
  cid: string;
  text: string;
  files: FileRef[];
  at: number;
  /** `failed`: the hub refused it for `reason`; anything else is on its way. */
  state: 'sending' | 'sent' | 'failed';
  reason: string;
}

export interface Log {
  items: (Msg | Note)[];
  pending: Pending[];
  /** The last entry we have; and the first, after which older ones may be asked for. */
  seq: number;
  start: number;
  /** Amendments of messages that are older than what we have. */
  early: Amend[];
}

export const EMPTY: Log = { items: [], pending: [], seq: 0, start: 0, early: [] };

/** Says whether `entry` comes too late to be next: something between was lost. */
export const isGap = (log: Log, entry: Entry) => entry.seq > log.seq + 1;

/** Returns the log with `entry` in it; one that is known changes nothing. */
export function add(log: Log, entry: Entry): Log {
  if (entry.seq <= log.seq) return log;
  const next = { ...log, seq: entry.seq };
  if (entry.t === 'amend') return amended(next, entry);
  next.items = [...log.items, entry];
  if (entry.cid) next.pending = log.pending.filter((each) => each.cid !== entry.cid);
  return next;
}

function amended(log: Log, amend: Amend): Log {
  const at = log.items.findIndex((item) => item.id === amend.id);
  const item = log.items[at];
  if (item?.t !== 'msg') return { ...log, early: [...log.early, amend] };
  return { ...log, items: log.items.with(at, merge(item, amend)) };
}

function merge(message: Msg, { text, spans, deleted, ours, theirs, picked }: Amend): Msg {
  return {
    ...message,
    ...(text !== undefined && { text, spans: spans ?? [], edited: true }),
    ...(deleted && { deleted, text: '', files: [], buttons: [] }),
    ...(ours && { ours }),
    ...(theirs && { theirs }),
    ...(picked && { picked }),
  };
}

/** Returns the log with older entries before what it had; none left means from the beginning. */
export function prepend(log: Log, before: number, entries: Entry[]): Log {
  if (before !== log.start + 1) return log;
  if (!entries.length) return { ...log, start: 0 };
  const first = entries[0]!.seq;
  let page: Log = { ...EMPTY, seq: first - 1 };
  for (const entry of [...entries, ...log.early]) {
    page = entry.t === 'amend' ? amended(page, entry) : add(page, entry);
  }
  return { ...log, items: [...page.items, ...log.items], early: page.early, start: first - 1 };
}

/** Returns the log with what is on its way; a second try takes the place of the first. */
export function pend(log: Log, pending: Pending): Log {
  const others = log.pending.filter((each) => each.cid !== pending.cid);
  return { ...log, pending: [...others, pending] };
}

/** Returns the log with another state of what is on its way. */
export function settle(log: Log, cid: string, state: Pending['state'], reason = ''): Log {
  const change = (each: Pending) => (each.cid === cid ? { ...each, state, reason } : each);
  return { ...log, pending: log.pending.map(change) };
}
