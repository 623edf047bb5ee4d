/** Calls that are to be made, in the order somebody should make them. */

import type { Task, TaskPage } from '@/api/types';

/** The open tasks of a page as they are now: live rows are newer than the page. */
export function openTasks(page: TaskPage | undefined, live: readonly Task[]): Task[] {
  const byId = new Map((page?.items ?? []).map((task) => [task.id, task]));
  for (const task of live) {
    const have = byId.get(task.id);
    if (!have || task.rev >= have.rev) byId.set(task.id, task);
  }
  return [...byId.values()].filter(({ status }) => status === 'open').sort(soonestFirst);
}

/** How many are open: those that are known, and those beyond the page. */
export function openCount(page: TaskPage | undefined, live: readonly Task[]): number {
  const beyond = page ? Math.max(0, page.open - page.items.length) : 0;
  return openTasks(page, live).length + beyond;
}

export type When = 'overdue' | 'today' | 'later' | 'undated';
export const WHEN: readonly When[] = ['overdue', 'today', 'later', 'undated'];

export function whenOf({ due_at }: Task, now: number): When {
  if (due_at === null) return 'undated';
  const due = new Date(due_at);
  if (due.getTime() < now) return 'overdue';
  return due.toDateString() === new Date(now).toDateString() ? 'today' : 'later';
}

function soonestFirst(a: Task, b: Task): number {
  const [first, second] = [a, b].map(({ due_at }) => (due_at ? Date.parse(due_at) : Infinity));
  return (first ?? 0) - (second ?? 0) || a.created_at.localeCompare(b.created_at);
}
