import { describe, expect, it } from 'vitest';
import type { Entry, Message } from '@/api/types';
import { firstUnread, timelineRows } from '@/entities/message/timeline';
import { entryOf, messageOf } from '@/test/samples';

const dayOf = (at: string) => at.slice(0, 10);
const rowsOf = (messages: Message[], entries: Entry[] = [], unread = 0) =>
  timelineRows(messages, entries, { dayOf, unread });

describe('timeline rows', () => {
  it('joins messages of one author within five minutes', () => {
    const rows = rowsOf([
      messageOf({ seq: 1, at: '2026-11-24T10:00:00Z' }),
      messageOf({ seq: 2, at: '2026-11-24T10:04:00Z' }),
      messageOf({ seq: 3, at: '2026-11-24T10:30:00Z' }),
    ]);
    const shape = rows.flatMap((row) => (row.type === 'message' ? [[row.first, row.last]] : []));
    expect(shape).toEqual([
      [true, false],
      [false, true],
      [true, true],
    ]);
  });

  it('never joins a note and a reply of one agent', () => {
    const author = { kind: 'agent' as const, id: 'a1', name: 'Ana', address: null };
    const rows = rowsOf([
      messageOf({ seq: 1, kind: 'outbound', author }),
      messageOf({ seq: 2, kind: 'note', visibility: 'internal', author }),
    ]);
    expect(rows.filter((row) => row.type === 'message' && row.first)).toHaveLength(2);
  });

  it('separates days and folds changes between two messages into one group', () => {
    const rows = rowsOf(
      [
        messageOf({ seq: 1, at: '2026-11-23T10:00:00Z' }),
        messageOf({ seq: 4, at: '2026-11-24T10:00:00Z' }),
      ],
      [
        entryOf({ seq: 2, at: '2026-11-23T11:00:00Z' }),
        entryOf({ seq: 3, at: '2026-11-23T12:00:00Z' }),
      ],
    );
    expect(rows.map((row) => row.type)).toEqual(['day', 'message', 'events', 'day', 'message']);
    expect(rows[2]).toMatchObject({ entries: [{ seq: 2 }, { seq: 3 }] });
  });

  it('does not go back a day for a mail that came late', () => {
    const rows = rowsOf([
      messageOf({ seq: 1, at: '2026-11-24T10:00:00Z' }),
      messageOf({ seq: 2, at: '2026-11-22T10:00:00Z' }),
      messageOf({ seq: 3, at: '2026-11-24T11:00:00Z' }),
    ]);
    expect(rows.filter(({ type }) => type === 'day')).toHaveLength(1);
  });

  it('puts the divider before the first unread message from outside', () => {
    const messages = [
      messageOf({ seq: 1 }),
      messageOf({ seq: 2 }),
      messageOf({ seq: 3, kind: 'outbound' }),
      messageOf({ seq: 4 }),
    ];
    expect(firstUnread(messages, 2)).toBe(messages[1]!.id);
    const rows = rowsOf(messages, [], 2);
    const at = rows.findIndex((row) => row.type === 'unread');
    expect(rows[at + 1]).toMatchObject({ message: { seq: 2 }, first: true });
  });

  it('keeps the row of a sent message in place when the hub answers', () => {
    const optimistic = messageOf({ seq: 9, id: 'local', client_token: 'token' });
    const stored = messageOf({ seq: 5, id: 'stored', client_token: 'token' });
    expect(rowsOf([optimistic]).at(-1)!.key).toBe(rowsOf([stored]).at(-1)!.key);
  });
});
