/** The loaded part of each conversation's timeline. */

import type { Entry, Id, Message, TimelinePage } from '@/api/types';
import type { Store } from './store';
import type { Timeline, TimelineItem } from './types';

export function emptyTimeline(id: Id): Timeline {
  return {
    conversation_id: id,
    items: [],
    first_seq: 0,
    last_seq: 0,
    has_more_before: false,
    load: 'loading',
    older: 'idle',
    error: null,
  };
}

/** Keeps the newest state of a message; a lower `rev` is an old copy. */
export function putMessage(store: Store, message: Message): void {
  const have = store.messages.get(message.id);
  if (!have || message.rev >= have.rev) store.messages.set(message.id, message);
}

/** A new or changed message; only for conversations whose end is loaded. */
export function addMessage(store: Store, message: Message): void {
  const timeline = store.timelines.get(message.conversation_id);
  if (!timeline) return;
  putMessage(store, message);
  add(store, timeline, { seq: message.seq, kind: 'message', id: message.id });
}

export function addEntry(store: Store, entry: Entry): void {
  const timeline = store.timelines.get(entry.conversation_id);
  if (timeline) add(store, timeline, { seq: entry.seq, kind: 'entry', entry });
}

/** The newest page, joined with what events brought beyond it. */
export function installPage(store: Store, id: Id, page: TimelinePage): void {
  const items = fromPage(store, page);
  const have = store.timelines.get(id);
  const beyond = have?.items.filter((item) => item.seq > page.last_seq) ?? [];
  const joined = have?.load === 'ready' && have.last_seq >= page.first_seq;
  const older = joined ? have.items.filter((item) => item.seq < page.first_seq) : [];
  store.timelines.set(id, {
    conversation_id: id,
    items: [...older, ...items, ...beyond],
    first_seq: older[0]?.seq ?? page.first_seq,
    last_seq: beyond.at(-1)?.seq ?? page.last_seq,
    has_more_before: older.length > 0 ? (have?.has_more_before ?? false) : page.has_more_before,
    load: 'ready',
    older: 'idle',
    error: null,
  });
}

export function prependPage(store: Store, id: Id, page: TimelinePage): void {
  const have = store.timelines.get(id);
  if (!have) return;
  const items = fromPage(store, page).filter((item) => item.seq < have.first_seq);
  store.timelines.set(id, {
    ...have,
    items: [...items, ...have.items],
    first_seq: items[0]?.seq ?? have.first_seq,
    has_more_before: page.has_more_before,
    older: 'idle',
  });
}

function fromPage(store: Store, page: TimelinePage): TimelineItem[] {
  for (const message of page.messages) putMessage(store, message);
  const items: TimelineItem[] = [
    ...page.messages.map(({ seq, id }) => ({ seq, kind: 'message' as const, id })),
    ...page.entries.map((entry) => ({ seq: entry.seq, kind: 'entry' as const, entry })),
  ];
  return items.sort((a, b) => a.seq - b.seq);
}

function add(store: Store, timeline: Timeline, item: TimelineItem): void {
  const { items } = timeline;
  if (timeline.load === 'ready' && timeline.has_more_before && item.seq < timeline.first_seq)
    return;
  let at = items.length;
  while (at > 0 && (items[at - 1]?.seq ?? 0) > item.seq) at -= 1;
  if (items[at - 1]?.seq === item.seq) return;
  store.timelines.set(timeline.conversation_id, {
    ...timeline,
    items: items.toSpliced(at, 0, item),
    first_seq: at === 0 && items.length === 0 ? item.seq : timeline.first_seq,
    last_seq: Math.max(timeline.last_seq, item.seq),
  });
}
