import { expect, it } from 'vitest';
import type { Task } from '@/api/types';
import { openCount, openTasks, whenOf } from './tasks';

const taskOf = (parts: Partial<Task>): Task => ({
  id: 'a',
  rev: 1,
  kind: 'callback',
  title: '',
  body: '',
  phone: '+37369123456',
  due_at: null,
  overdue_at: null,
  status: 'open',
  result_code: null,
  result_note: '',
  card: { id: 'card', name: 'Ion', number: 5 },
  conversation_id: null,
  branch_id: 'branch',
  team_id: null,
  assignee_id: null,
  author_id: null,
  done_by: null,
  done_at: null,
  created_at: '2026-11-24T09:00:00Z',
  updated_at: '2026-11-24T09:00:00Z',
  ...parts,
});

const page = (items: Task[], open = items.length) => ({ items, next: null, open, overdue: 0 });

it('lists what falls due first, and what has no time last', () => {
  const late = taskOf({ id: 'late', due_at: '2026-11-24T12:00:00Z' });
  const soon = taskOf({ id: 'soon', due_at: '2026-11-24T10:00:00Z' });
  const some = taskOf({ id: 'some' });
  expect(openTasks(page([some, late, soon]), []).map(({ id }) => id)).toEqual([
    'soon',
    'late',
    'some',
  ]);
});

it('takes what was done meanwhile off the list, and counts it out', () => {
  const done = taskOf({ rev: 2, status: 'done' });
  expect(openTasks(page([taskOf({})]), [done])).toEqual([]);
  expect(openCount(page([taskOf({})], 120), [done])).toBe(119);
});

it('does not let an older event undo what a newer page says', () => {
  expect(openTasks(page([taskOf({ rev: 3, title: 'now' })]), [taskOf({ rev: 2 })])[0]?.title).toBe(
    'now',
  );
});

it('says how urgent a call is', () => {
  const now = new Date(2026, 10, 24, 12).getTime();
  const at = (hour: number, day = 24) => new Date(2026, 10, day, hour).toISOString();
  expect(whenOf(taskOf({ due_at: at(11) }), now)).toBe('overdue');
  expect(whenOf(taskOf({ due_at: at(18) }), now)).toBe('today');
  expect(whenOf(taskOf({ due_at: at(9, 25) }), now)).toBe('later');
  expect(whenOf(taskOf({}), now)).toBe('undated');
});
