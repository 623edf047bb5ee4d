import { useMemo } from 'react';
import type { Entry, Id, Message } from '@/api/types';
import { useMe, usePending } from '@/entities/live';
import { useMessages } from '@/entities/message/useMessages';
import type { Pending, TimelineItem } from '@/sync/types';

interface Parts {
  messages: readonly Message[];
  entries: readonly Entry[];
}

/** The messages and entries of a timeline, with what this browser has promised to send at the end. */
export function useTimelineParts(id: Id, items: readonly TimelineItem[]): Parts {
  const me = useMe();
  const pending = usePending(id);
  const stored = useMessages(items);
  const entries = useMemo(
    () => items.flatMap((item) => (item.kind === 'entry' ? [item.entry] : [])),
    [items],
  );
  const all = useMemo(() => {
    const known = new Set(stored.map(({ client_token }) => client_token));
    const promised = pending.filter(({ token, problem }) => {
      return !known.has(token) && problem?.code !== 'conversation.changed';
    });
    const last = items.at(-1)?.seq ?? 0;
    return [...stored, ...promised.map((one, at) => optimistic(one, last + 0.001 * (at + 1), me))];
  }, [stored, items, pending, me]);
  return { messages: all, entries };
}

/** How a message looks before the hub has it: in its place, with nothing claimed about delivery. */
function optimistic(pending: Pending, seq: number, me: { id: Id; name: string }): Message {
  const { token, body, conversation_id, at } = pending;
  const moment = new Date(at).toISOString();
  const note = body.kind === 'note';
  return {
    id: token,
    conversation_id,
    seq,
    rev: 0,
    kind: note ? 'note' : 'outbound',
    visibility: note ? 'internal' : 'public',
    channel: '',
    thread_id: null,
    account_id: null,
    author: { kind: 'agent', id: me.id, name: me.name, address: null },
    at: moment,
    created_at: moment,
    subject: null,
    text: body.text,
    folds: [],
    has_html: false,
    remote_images: 0,
    recipients: body.recipients ?? [],
    mention_ids: body.mention_ids,
    in_reply_to: null,
    attachments: body.attachments.map((file) => ({
      id: file.blob,
      kind: 'file',
      filename: file.filename,
      mime: file.mime,
      size: file.size,
      inline: false,
      content_id: null,
      duration: null,
      unavailable: 'sending',
    })),
    deliveries: [],
    automatic: '',
    trust: '',
    warnings: [],
    calendar: [],
    spans: [],
    parts: [],
    album: null,
    pieces: null,
    reactions: [],
    edits: 0,
    client_token: token,
    edited_at: null,
    deleted_at: null,
    quoted: null,
  };
}
