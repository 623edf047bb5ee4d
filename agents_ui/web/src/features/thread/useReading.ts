import { useEffect, useState } from 'react';
import type { ConversationItem, Id } from '@/api/types';
import { useHub } from '@/entities/live';

/** A message counts as read when it has been on a visible, focused page for this long. */
const READ_MS = 1000;

/**
 * Tells the hub what the agent reads, and says how many messages were unread when the
 * conversation was opened: the divider stays where it was while the agent reads on.
 */
export function useReading(conversation: ConversationItem | undefined, ready: boolean): number {
  const hub = useHub();
  const id = conversation?.id ?? null;
  const unread = conversation
    ? Math.max(0, conversation.inbound_count - conversation.read_count)
    : 0;
  const [opened, setOpened] = useState<{ id: Id; unread: number } | null>(null);
  if (conversation && opened?.id !== conversation.id) {
    setOpened({ id: conversation.id, unread });
  }
  const focused = useFocused();
  const last = conversation?.last_seq ?? 0;
  const due = ready && focused && id !== null && unread > 0;
  useEffect(() => {
    if (!due) return;
    const timer = window.setTimeout(() => hub.markRead(id, last), READ_MS);
    return () => window.clearTimeout(timer);
  }, [due, hub, id, last]);
  useEffect(() => {
    if (id === null || !focused) return;
    hub.viewing(id);
    return () => hub.viewing(null);
  }, [focused, hub, id]);
  return opened?.id === id ? opened.unread : unread;
}

/** Whether somebody is in front of this page. */
function useFocused(): boolean {
  const [focused, setFocused] = useState(() => document.hasFocus() && !document.hidden);
  useEffect(() => {
    const look = () => setFocused(document.hasFocus() && !document.hidden);
    const events = ['focus', 'blur', 'visibilitychange'] as const;
    for (const event of events) addEventListener(event, look, true);
    return () => {
      for (const event of events) removeEventListener(event, look, true);
    };
  }, []);
  return focused;
}
