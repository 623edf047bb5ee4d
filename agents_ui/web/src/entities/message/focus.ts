/** Which message of a conversation an answer is to, and which one is being changed. */

import { useCallback, useSyncExternalStore } from 'react';
import type { Id } from '@/api/types';

interface Focus {
  replyTo: Id | null;
  editing: Id | null;
}

const NOTHING: Focus = { replyTo: null, editing: null };
const byConversation = new Map<Id, Focus>();
const listeners = new Set<() => void>();

/** Changes what the agent is about in a conversation; the composer and the thread both show it. */
export function setFocus(conversationId: Id, change: Partial<Focus>): void {
  const next = { ...(byConversation.get(conversationId) ?? NOTHING), ...change };
  if (next.replyTo === null && next.editing === null) byConversation.delete(conversationId);
  else byConversation.set(conversationId, next);
  for (const listener of listeners) listener();
}

export function useFocus(conversationId: Id): Focus {
  return useSyncExternalStore(
    useCallback((listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }, []),
    () => byConversation.get(conversationId) ?? NOTHING,
  );
}
