/** What each event does to the store. One function per kind; order and repetition are settled before. */

import type { Account, Card, Conversation, ConversationItem, Draft, Id } from '@/api/types';
import type { Cursor, Placed } from './frames';
import { draftKey, type Store } from './store';
import { addEntry, addMessage } from './timelines';
import { isWanted, place, removeEverywhere } from './windows';

export interface Notes {
  /** A row was made up from an event that does not say what this agent has read. */
  guessed(id: Id): void;
  /** Somebody's rights or profile changed, perhaps ours. */
  agentChanged(id: Id): void;
  /** The hub has the message this browser promised to send. */
  accepted(conversationId: Id, token: string): void;
  remoteDraft(draft: Draft): void;
}

/** Where the private half of each row (read, drafts) is known up to. */
export class Floors {
  private readonly at = new Map<Id, Cursor>();

  /** Whether news at `cursor` is newer than what is known of `id`; if so it is from now on known. */
  rise(id: Id, cursor: Cursor): boolean {
    const floor = this.at.get(id);
    if (floor !== undefined && cursor < floor) return false;
    this.at.set(id, cursor);
    return true;
  }

  clear(): void {
    this.at.clear();
  }
}

export function reduce(store: Store, event: Placed, floors: Floors, notes: Notes): void {
  switch (event.type) {
    case 'conversation.changed':
      return putConversation(store, event.conversation, notes);
    case 'message.changed':
      addMessage(store, event.message);
      // What they were writing is here now.
      if (event.message.kind === 'inbound')
        store.clientTyping.delete(event.message.conversation_id);
      if (event.message.client_token) {
        notes.accepted(event.message.conversation_id, event.message.client_token);
      }
      return;
    case 'entry.added':
      return addEntry(store, event.entry);
    case 'card.changed':
      return putCard(store, event.card);
    case 'card.merged':
    case 'card.unmerged':
      return;
    case 'read.changed':
      if (floors.rise(`read ${event.conversation_id}`, event.c)) {
        amend(store, event.conversation_id, { read_count: event.inbound_count });
      }
      return;
    case 'draft.changed':
      return changeDraft(store, event, notes);
    case 'account.changed':
      return putAccount(store, event.account);
    case 'agent.changed':
      putRow(store.agents, event.agent);
      return notes.agentChanged(event.agent.id);
    case 'team.changed':
      return putRow(store.teams, event.team);
    case 'task.changed':
      return putRow(store.tasks, event.task);
    case 'tag.changed':
      return putRow(store.tags, event.tag);
    case 'gone':
      return drop(store, event.kind, event.id);
    case 'session.revoked':
      return; // the hub closes the socket, which says it better
  }
}

/** A full row from a snapshot or an answer, true as of `cursor`. */
export function putItem(
  store: Store,
  item: ConversationItem,
  cursor: Cursor,
  floors: Floors,
): void {
  const have = store.conversations.get(item.id);
  const newer = floors.rise(`read ${item.id}`, cursor);
  const known = have && have.rev > item.rev ? have : item;
  const read = newer || !have ? item : have;
  const { read_count, has_draft } = read;
  const row = { ...known, read_count, has_draft };
  store.conversations.set(item.id, row);
  place(store, row);
}

function putConversation(store: Store, conversation: Conversation, notes: Notes): void {
  const have = store.conversations.get(conversation.id);
  if (have) {
    if (conversation.rev <= have.rev) return;
    const { read_count, has_draft } = have;
    const row = { ...conversation, read_count, has_draft };
    store.conversations.set(row.id, row);
    place(store, row);
    return;
  }
  const unread = conversation.preview_kind === 'inbound' ? 1 : 0;
  const row = {
    ...conversation,
    read_count: Math.max(0, conversation.inbound_count - unread),
    has_draft: false,
  };
  if (!isWanted(store, row) && !store.timelines.get(row.id)) return;
  store.conversations.set(row.id, row);
  place(store, row);
  // The first message of a new conversation leaves nothing to guess.
  if (conversation.inbound_count > 1 || unread === 0) notes.guessed(row.id);
}

/** Changes the private half of a row, which has no `rev`. */
export function amend(
  store: Store,
  id: Id,
  change: Partial<Pick<ConversationItem, 'read_count' | 'has_draft'>>,
): void {
  const have = store.conversations.get(id);
  if (!have) return;
  const row = { ...have, ...change };
  store.conversations.set(id, row);
  place(store, row);
}

export function putCard(store: Store, card: Card): void {
  const have = store.cards.get(card.id);
  if (have && have.rev >= card.rev) return;
  if (have) store.cards.set(card.id, card);
  for (const row of store.conversations.all()) {
    const { id, name, lifecycle } = row.card;
    if (id !== card.id || (name === card.display_name && lifecycle === card.lifecycle)) continue;
    const named = { ...row.card, name: card.display_name, lifecycle: card.lifecycle };
    store.conversations.set(row.id, { ...row, card: named });
  }
}

function changeDraft(
  store: Store,
  event: Extract<Placed, { type: 'draft.changed' }>,
  notes: Notes,
): void {
  const { draft, deleted } = event;
  if (draft) {
    notes.remoteDraft(draft);
    return amend(store, draft.conversation_id, { has_draft: true });
  }
  if (!deleted) return;
  const { conversation_id, kind } = deleted;
  const key = draftKey(conversation_id, kind);
  if (store.drafts.get(key)?.state === 'saved') store.drafts.delete(key);
  const other = kind === 'reply' ? 'note' : 'reply';
  const left = store.drafts.get(key) ?? store.drafts.get(draftKey(conversation_id, other));
  amend(store, conversation_id, { has_draft: left !== undefined });
}

/** What an account's channel carries depends on its adapter: events leave it out. */
function putAccount(store: Store, account: Account): void {
  const carried = store.accounts.get(account.id)?.capabilities ?? {};
  putRow(store.accounts, { ...account, capabilities: { ...carried, ...account.capabilities } });
}

function putRow<R extends { id: Id; rev?: number }>(
  rows: { get(key: Id): R | undefined; set(key: Id, row: R): void },
  row: R,
): void {
  const have = rows.get(row.id);
  if (have?.rev !== undefined && row.rev !== undefined && row.rev <= have.rev) return;
  rows.set(row.id, have ? { ...have, ...row } : row);
}

function drop(store: Store, kind: 'conversation' | 'card' | 'task', id: Id): void {
  if (kind === 'task') return store.tasks.delete(id);
  if (kind === 'card') return store.cards.delete(id);
  removeEverywhere(store, id);
  store.conversations.delete(id);
  store.timelines.delete(id);
}
