import { expect, test } from 'vitest';
import type { ConversationItem, ViewKey } from '@/api/types';
import { conversation } from '@/test/fixtures';
import { belongs, compareRows } from './views';

const row = (change: Partial<ConversationItem> = {}) => conversation(change);

test.each<[ViewKey, Partial<ConversationItem>, boolean | null]>([
  ['mine', { assignee_id: 'me' }, true],
  ['mine', { assignee_id: 'me', status: 'snoozed' }, false],
  ['mine', { assignee_id: 'other' }, false],
  ['unassigned', {}, true],
  ['unassigned', { status: 'waiting' }, false],
  ['unassigned', { assignee_id: 'other' }, false],
  ['mentions', { follower_ids: ['me'], status: 'snoozed' }, true],
  ['mentions', { follower_ids: ['me'], status: 'closed' }, false],
  ['all', { status: 'waiting' }, true],
  ['all', { status: 'closed' }, false],
  ['all', { folder: 'spam' }, false],
  ['spam', { folder: 'spam', status: 'closed' }, true],
  ['trash', { folder: 'spam' }, false],
  ['drafts', { has_draft: true, status: 'closed' }, true],
  ['failed', { failed_count: 1 }, true],
  ['scheduled', {}, null],
  ['team:t1', { team_id: 't1' }, true],
  ['team:t1', { team_id: 't1', status: 'closed' }, false],
  ['account:a1', { account_id: 'a1' }, true],
  ['tag:x', { tag_ids: ['x', 'y'] }, true],
  ['tag:x', { tag_ids: ['y'] }, false],
])('%s and %o: %s', (key, change, expected) => {
  expect(belongs(key, row(change), 'me')).toBe(expected);
});

test('the newest activity stands first, to the microsecond', () => {
  const at = (last_activity_at: string, id = 'c') => row({ last_activity_at, id });
  const older = at('2026-11-24T10:00:00.1231Z');
  const newer = at('2026-11-24T10:00:00.12315Z');
  expect(compareRows('newest', newer, older)).toBeLessThan(0);
  expect(
    compareRows('newest', at('2026-11-24T10:00:00Z', 'b'), at('2026-11-24T10:00:00Z', 'a')),
  ).toBeLessThan(0);
});

test('who waits longest stands first, and nobody waiting last', () => {
  const since = (waiting_since: string | null) => row({ waiting_since });
  const [long, short, none] = [
    since('2026-11-24T09:00:00Z'),
    since('2026-11-24T10:00:00Z'),
    since(null),
  ];
  expect([none, short, long].toSorted((a, b) => compareRows('oldest_waiting', a, b))).toEqual([
    long,
    short,
    none,
  ]);
});
