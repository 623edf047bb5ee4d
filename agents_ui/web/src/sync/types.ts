/** What the rest of the browser may rely on: the shapes of the live store and the verbs of the hub. */

import type {
  ConversationItem,
  Draft,
  DraftBody,
  DraftKind,
  Entry,
  Folder,
  Id,
  Me,
  Message,
  Priority,
  Recipient,
  Span,
  Status,
  Time,
  Upload,
  ViewKey,
} from '@/api/types';
import type { Store } from './store';

/** `offline -> connecting -> (catching-up | syncing) -> live`; the last three are ends. */
export type LinkState =
  'offline' | 'connecting' | 'catching-up' | 'syncing' | 'live' | 'auth' | 'replaced' | 'obsolete';

export interface Link {
  state: LinkState;
  /** Since when the link is not live; null while it is. */
  since: number | null;
  /** Updates still to come while catching up. */
  behind: number;
  /** The hub serves a newer build of this page. */
  stale: boolean;
}

export type Load = 'idle' | 'loading' | 'ready' | 'failed';
export type Order = 'newest' | 'oldest_waiting';

/** The loaded top of one list. The rows themselves are in `store.conversations`. */
export interface ViewWindow {
  key: ViewKey;
  order: Order;
  ids: readonly Id[];
  /** Opaque; null when the end is loaded. */
  next: string | null;
  load: Load;
  more: Load;
  error: unknown;
}

/** The loaded end of one conversation. `items` are ordered by `seq`. */
export interface Timeline {
  conversation_id: Id;
  items: readonly TimelineItem[];
  first_seq: number;
  last_seq: number;
  has_more_before: boolean;
  load: Load;
  older: Load;
  error: unknown;
}

/** A message is looked up by id in `store.messages` so that a delivery state repaints one row. */
export type TimelineItem =
  | { readonly seq: number; readonly kind: 'message'; readonly id: Id }
  | { readonly seq: number; readonly kind: 'entry'; readonly entry: Entry };

export interface Outgoing {
  kind: DraftKind;
  text: string;
  base_seq: number;
  force?: boolean;
  thread_id?: Id;
  /** Another channel than the threads of the conversation use. */
  via?: { account_id: Id; identity_id: Id };
  /** The message this one answers. */
  reply_to?: Id;
  spans?: Span[];
  recipients?: Recipient[];
  attachments: Upload[];
  subject?: string;
  not_before?: Time;
  status_after?: Status;
  mention_ids: Id[];
}

/** A message this browser has promised to send. It lives in IndexedDB until the hub has it. */
export interface Pending {
  /** The idempotency key; the message comes back with it as `client_token`. */
  token: string;
  conversation_id: Id;
  body: Outgoing;
  at: number;
  state: 'waiting' | 'sending' | 'refused';
  /** Why the hub refused. For code `conversation.changed` it carries `entries`. */
  problem: { code: string; detail: string; members: Record<string, unknown> } | null;
}

export interface Typing {
  agent_id: Id;
  kind: DraftKind;
}

/** What the client is doing at the other end. */
export interface ClientWriting {
  name: string;
  activity: 'text' | 'voice' | 'file';
}

export interface ConversationPatch {
  status?: Status;
  snoozed_until?: Time | null;
  priority?: Priority;
  assignee_id?: Id | null;
  team_id?: Id | null;
  subject?: string;
  folder?: Folder;
  tag_ids?: Id[];
  following?: boolean;
}

export interface MeChange {
  name?: string;
  locale?: string;
  timezone?: string | null;
  signature?: string;
  preferences?: Record<string, unknown>;
}

export interface LocalDraft extends Draft {
  /** saved: the hub has it; local: only this browser; conflict: somebody else wrote meanwhile. */
  state: 'saved' | 'local' | 'conflict';
  /** What the other window wrote, while there is a conflict. */
  theirs?: DraftBody;
}

export interface Hub {
  readonly store: Store;
  start(): void;
  stop(): void;
  /** Connects again after the session ended and somebody signed in anew. */
  resume(): void;
  /** Changes the own profile; preferences are merged key by key, null removes one. */
  changeMe(change: MeChange): Promise<Me>;
  /** Deletes what this browser keeps of the agent. Unsent messages of theirs are lost. */
  forget(): Promise<void>;

  /** Keeps a list live while at least one caller watches it. */
  watchView(key: ViewKey, order?: Order): () => void;
  loadMore(key: ViewKey): Promise<void>;
  /** Asks for the conversation, its last page and its drafts, and keeps them live. */
  watchConversation(id: Id): () => void;
  loadOlder(id: Id): Promise<void>;
  /** Loads pages until `seq` is in the timeline. */
  loadBackTo(id: Id, seq: number): Promise<void>;
  watchCard(id: Id): () => void;

  /** Queues a reply or note, shows it at once, sends it when the hub can be reached, exactly once. */
  send(conversationId: Id, body: Outgoing): string;
  /** Sends a refused message again, changed. */
  resend(token: string, change?: Partial<Outgoing>): void;
  /** Takes a message that was not accepted back; returns it for the composer. */
  discard(token: string): Pending | undefined;

  /** Changes the row at once, rolls back and throws when the hub refuses. */
  patch(id: Id, patch: ConversationPatch): Promise<ConversationItem>;
  markRead(id: Id, seq: number): void;
  markUnread(id: Id, seq: number): Promise<void>;

  /** Keeps text in this browser at once and on the hub a second later. Empty text deletes. */
  saveDraft(conversationId: Id, kind: DraftKind, body: DraftBody, baseSeq: number): void;
  dropDraft(conversationId: Id, kind: DraftKind): void;
  flushDrafts(): Promise<void>;

  typing(conversationId: Id, kind: DraftKind, on: boolean): void;
  viewing(conversationId: Id | null): void;
}

export type { Message };
