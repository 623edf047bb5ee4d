/** The loaded top of each watched list, kept right by events. */

import type { ConversationItem, ConversationPage, Id, ViewKey } from '@/api/types';
import { belongs, compareRows } from './views';
import type { Store } from './store';
import type { Order, ViewWindow } from './types';

export function emptyWindow(key: ViewKey, order: Order): ViewWindow {
  return { key, order, ids: [], next: null, load: 'loading', more: 'idle', error: null };
}

/** Puts a changed row where it now stands in each list, or takes it out. */
export function place(store: Store, row: ConversationItem): void {
  const me = store.me.get()?.id ?? '';
  for (const window of store.views.all()) {
    const member = belongs(window.key, row, me);
    if (member === false) remove(store, window, row.id);
    else if (member === true) insert(store, window, row);
    else if (window.ids.includes(row.id)) insert(store, window, row);
  }
}

export function removeEverywhere(store: Store, id: Id): void {
  for (const window of store.views.all()) remove(store, window, id);
}

/** True when some list that is on screen has or may want the row. */
export function isWanted(store: Store, row: ConversationItem): boolean {
  const me = store.me.get()?.id ?? '';
  return store.views.all().some((window) => belongs(window.key, row, me) !== false);
}

/** Makes the window what the hub said, then what the stream said since. */
export function install(
  store: Store,
  key: ViewKey,
  page: ConversationPage,
  changedSince: Iterable<Id>,
): void {
  const window = store.views.get(key);
  if (!window) return;
  const ids = page.items.map((item) => item.id);
  store.views.set(key, { ...window, ids, next: page.next, load: 'ready', error: null });
  replay(store, changedSince);
}

/** Adds the next page below what is there. */
export function extend(
  store: Store,
  key: ViewKey,
  page: ConversationPage,
  changedSince: Iterable<Id>,
): void {
  const window = store.views.get(key);
  if (!window) return;
  const known = new Set(window.ids);
  const added = page.items.map((item) => item.id).filter((id) => !known.has(id));
  store.views.set(key, {
    ...window,
    ids: [...window.ids, ...added],
    next: page.next,
    more: 'idle',
  });
  replay(store, changedSince);
}

function replay(store: Store, ids: Iterable<Id>): void {
  for (const id of ids) {
    const row = store.conversations.get(id);
    if (row) place(store, row);
  }
}

function remove(store: Store, window: ViewWindow, id: Id): void {
  const current = store.views.get(window.key);
  if (!current?.ids.includes(id)) return;
  store.views.set(window.key, { ...current, ids: current.ids.filter((other) => other !== id) });
}

function insert(store: Store, window: ViewWindow, row: ConversationItem): void {
  const current = store.views.get(window.key);
  if (!current || current.load === 'loading') return;
  const before = current.ids.indexOf(row.id);
  const rest = before < 0 ? current.ids : current.ids.filter((id) => id !== row.id);
  const at = position(store, rest, row, current.order);
  // Below the last loaded row stand others that are not loaded: the row belongs among those.
  if (at === rest.length && current.next !== null) {
    if (before >= 0) store.views.set(window.key, { ...current, ids: rest });
    return;
  }
  if (at === before) return;
  store.views.set(window.key, { ...current, ids: rest.toSpliced(at, 0, row.id) });
}

/** Binary search: rows are in order because every change goes through `insert`. */
function position(store: Store, ids: readonly Id[], row: ConversationItem, order: Order): number {
  let low = 0;
  let high = ids.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const other = store.conversations.get(ids[middle] ?? '');
    if (other && compareRows(order, row, other) > 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
