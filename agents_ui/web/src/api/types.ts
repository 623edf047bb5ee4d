/** The JSON the hub speaks: generated from its own description, named as the app says it. */

import type { Caps } from './caps';
import type * as Hub from './types.gen';

export type {
  Account,
  AccountHealth as Health,
  AccountKind,
  Activity,
  AgentLink,
  ApiKey,
  Attachment,
  Author,
  Begun,
  Branch,
  BulkResult,
  Card,
  CardHit,
  CardIdentity,
  CardRef,
  Change,
  Claim,
  ClientTyping,
  InvitationLink,
  Delivery,
  Draft,
  DraftBody,
  Edit as MessageEdit,
  Enrolment,
  Estimate,
  Entry,
  FoldedRange as Fold,
  Found as SearchResult,
  Hook,
  Invited,
  JournalEntry,
  Link,
  MadeKey,
  Me,
  Merge,
  MergePreview,
  Merged,
  Message,
  MessageHit as SearchMessage,
  Reaction,
  RecoveryCodes,
  Role,
  Session,
  Setup,
  Tag,
  Task,
  TaskChange,
  TaskChanged,
  TaskPage,
  Team,
  TestResult,
  TestStep,
  Timeline as TimelinePage,
  ViewInfo,
  Visitor,
} from './types.gen';

export type { Caps, Level, MediaCaps } from './caps';

export type Id = string;
/** RFC 3339, UTC. */
export type Time = string;

/** A formatted range of a text, in code points. */
export type Span = Omit<Hub.FormattedRange, 'arg'> & { arg?: string | null };
/** One way to write to a client: through which account, to which address. */
export type ChannelOption = Omit<Hub.ChannelOption, 'caps'> & { caps: Caps };
export type RichPart = Hub.Message['parts'][number];
export type InnerPart = Hub.ForwardedPart['parts'][number];
export type Status = Hub.Conversation['status'];
export type Folder = Hub.Conversation['folder'];
export type Priority = 0 | 1 | 2 | 3;
export type PreviewKind = 'inbound' | 'outbound' | 'note' | 'call' | '';
export type DraftKind = Hub.Draft['kind'];
export type DeliveryState = Hub.Delivery['state'];

interface Narrowed {
  priority: Priority;
  preview_kind: PreviewKind;
}
type Narrow<C> = Omit<C, keyof Narrowed> & Narrowed;
export type Conversation = Narrow<Hub.Conversation>;
/** A list row: what everybody sees plus what this agent has read. Unread = inbound_count - read_count. */
export type ConversationItem = Narrow<Hub.ConversationItem>;

/** Somebody a message goes to, as the composer gives it. */
export type Recipient = Hub.Addressee;
export type Upload = Hub.DraftFile;

/** A colleague; who may read agents gets the rest over `/api/agents`. */
export type Agent = Hub.Colleague & Partial<Omit<Hub.Agent, keyof Hub.Colleague>>;
/** An agent as those who manage agents see them. */
export type FullAgent = Hub.Agent;

export type ViewKey =
  | 'mine'
  | 'unassigned'
  | 'mentions'
  | 'all'
  | 'waiting'
  | 'snoozed'
  | 'drafts'
  | 'scheduled'
  | 'failed'
  | 'closed'
  | 'spam'
  | 'trash'
  | `team:${string}`
  | `account:${string}`
  | `tag:${string}`;

/** [total, unread] */
export type Count = [number, number];

export type HubState = Omit<Hub.State, 'presence'> & { presence: Record<Id, string> };

export interface Page<R> {
  items: R[];
  /** Hand it back as `before` for what follows; null at the end. */
  next: string | null;
}

export interface ConversationPage extends Page<ConversationItem> {
  cursor: string;
}

export interface ConversationSnapshot {
  conversation: ConversationItem;
  timeline: Hub.Timeline;
  drafts: Hub.Draft[];
}

/** RFC 9457 body of every refusal. */
export interface ProblemBody extends Partial<Omit<Hub.Problem, 'trace_id'>> {
  trace_id?: string | null;
  [member: string]: unknown;
}
