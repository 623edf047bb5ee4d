import { useCallback, useMemo, useSyncExternalStore } from 'react';
import type { Message } from '@/api/types';
import { useHub } from '@/entities/live';
import type { Cells } from '@/sync/cells';
import type { TimelineItem } from '@/sync/types';

/** The messages of a timeline; the same array until one of them changes. */
export function useMessages(items: readonly TimelineItem[]): readonly Message[] {
  const { messages } = useHub().store;
  const read = useMemo(() => reader(messages, items), [messages, items]);
  return useSyncExternalStore(
    useCallback((listener: () => void) => messages.subscribeAll(listener), [messages]),
    read,
  );
}

function reader(messages: Cells<Message>, items: readonly TimelineItem[]): () => Message[] {
  const ids = items.flatMap((item) => (item.kind === 'message' ? [item.id] : []));
  let last: Message[] = [];
  return () => {
    const next = ids.flatMap((id) => messages.get(id) ?? []);
    const same = next.length === last.length && next.every((message, at) => message === last[at]);
    if (!same) last = next;
    return last;
  };
}
