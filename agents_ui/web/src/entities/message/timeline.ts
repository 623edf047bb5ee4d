import type { Entry, Message } from '@/api/types';

/** A row of the thread. Keys are stable, so that a virtual list can keep its place. */
export type TimelineRow =
  | { type: 'day'; key: string; at: string }
  | { type: 'unread'; key: string; count: number }
  | { type: 'message'; key: string; message: Message; first: boolean; last: boolean }
  | { type: 'events'; key: string; entries: Entry[] };

const TOGETHER_MS = 5 * 60_000;

export interface TimelineOptions {
  /** How many inbound messages the agent had not read when the thread was opened. */
  unread?: number;
  /** Local calendar day of a moment, such as `2026-11-24`, so that text compares as days do. */
  dayOf: (at: string) => string;
}

/**
 * Turn messages and entries into rows: day separators, the divider before the first unread
 * message, messages of one author within five minutes as one group, and changes between two
 * messages as one folded group.
 */
export function timelineRows(
  messages: readonly Message[],
  entries: readonly Entry[],
  { unread = 0, dayOf }: TimelineOptions,
): TimelineRow[] {
  const divider = firstUnread(messages, unread);
  const rows: TimelineRow[] = [];
  let day = '';
  for (const item of merged(messages, entries)) {
    // A delayed mail is older than its place: only a later day begins anew.
    if (dayOf(item.at) > day) {
      day = dayOf(item.at);
      rows.push({ type: 'day', key: `day:${day}`, at: item.at });
    }
    if (item.kind === 'event') addEntry(rows, item);
    else addMessage(rows, item, divider, unread);
  }
  return rows;
}

/** The first of the last `unread` inbound messages; null when all is read or none is loaded. */
export function firstUnread(messages: readonly Message[], unread: number): string | null {
  let left = unread;
  let id: string | null = null;
  for (let i = messages.length - 1; i >= 0 && left > 0; i--) {
    const message = messages[i];
    if (message?.kind !== 'inbound') continue;
    id = message.id;
    left -= 1;
  }
  return id;
}

function merged(messages: readonly Message[], entries: readonly Entry[]): (Message | Entry)[] {
  const all: (Message | Entry)[] = [...messages, ...entries];
  return all.sort((a, b) => a.seq - b.seq);
}

function addEntry(rows: TimelineRow[], entry: Entry): void {
  const last = rows.at(-1);
  if (last?.type === 'events') last.entries.push(entry);
  else rows.push({ type: 'events', key: `e:${entry.seq}`, entries: [entry] });
}

function addMessage(
  rows: TimelineRow[],
  message: Message,
  divider: string | null,
  unread: number,
): void {
  if (message.id === divider) rows.push({ type: 'unread', key: 'unread', count: unread });
  const before = rows.at(-1);
  const joined = before?.type === 'message' && together(before.message, message);
  if (joined) before.last = false;
  rows.push({ type: 'message', key: keyOf(message), message, first: !joined, last: true });
}

/** A sent message keeps the key its optimistic row had, so nothing jumps when the hub answers. */
export function keyOf(message: Message): string {
  return `m:${message.client_token ?? message.id}`;
}

function together(a: Message, b: Message): boolean {
  return (
    a.kind === b.kind &&
    a.visibility === b.visibility &&
    a.channel === b.channel &&
    a.author.kind === b.author.kind &&
    a.author.id === b.author.id &&
    a.author.name === b.author.name &&
    (b.subject === null || b.subject === a.subject) &&
    Math.abs(Date.parse(b.at) - Date.parse(a.at)) <= TOGETHER_MS
  );
}
