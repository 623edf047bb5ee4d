/** The JSON the hub speaks, named as `inbox/views.py` and `crm_core/views.py` name it. */

export type Id = string;
/** RFC 3339, UTC. */
export type Time = string;

export type Status = 'open' | 'waiting' | 'snoozed' | 'closed';
export type Folder = 'inbox' | 'spam' | 'trash';
export type Priority = 0 | 1 | 2 | 3;
export type PreviewKind = 'inbound' | 'outbound' | 'note' | 'call' | '';

export interface CardRef {
  id: Id;
  name: string;
  number: number;
  lifecycle: string;
}

export interface Conversation {
  id: Id;
  number: number;
  rev: number;
  subject: string;
  status: Status;
  folder: Folder;
  priority: Priority;
  snoozed_until: Time | null;
  closed_at: Time | null;
  created_at: Time;
  card: CardRef;
  branch_id: Id | null;
  team_id: Id | null;
  assignee_id: Id | null;
  follower_ids: Id[];
  tag_ids: Id[];
  channels: string[];
  account_id: Id | null;
  last_seq: number;
  last_public_seq: number;
  inbound_count: number;
  failed_count: number;
  waiting_since: Time | null;
  last_activity_at: Time;
  preview: string;
  preview_kind: PreviewKind;
  continues_id: Id | null;
  related_id: Id | null;
  merged_into: Id | null;
}

/** A list row: what everybody sees plus what this agent has read. Unread = inbound_count - read_count. */
export interface ConversationItem extends Conversation {
  read_count: number;
  has_draft: boolean;
}

export interface Author {
  kind: 'client' | 'agent' | 'system';
  id: Id | null;
  name: string;
  address: string | null;
}

/** A range of code points (not UTF-16 units) shown folded. */
export interface Fold {
  start: number;
  end: number;
  kind: 'quote' | 'signature';
}

export interface Recipient {
  role: 'to' | 'cc' | 'bcc' | 'reply_to';
  kind: string;
  value: string;
  display?: string | null;
}

export interface Attachment {
  id: Id;
  kind: string;
  filename: string;
  mime: string;
  size: number;
  inline: boolean;
  content_id: string | null;
  unavailable: string | null;
}

export type DeliveryState =
  | 'queued'
  | 'sending'
  | 'unknown'
  | 'sent'
  | 'delivered'
  | 'read'
  | 'failed'
  | 'bounced'
  | 'cancelled';

export interface Delivery {
  id: Id;
  identity_id: Id;
  address: string;
  display: string;
  role: 'to' | 'cc' | 'bcc';
  part: number;
  state: DeliveryState;
  not_before: Time;
  attempts: number;
  error_code: string | null;
  error_text: string | null;
  updated_at: Time;
}

export interface Message {
  id: Id;
  conversation_id: Id;
  seq: number;
  rev: number;
  kind: 'inbound' | 'outbound' | 'note' | 'call';
  visibility: 'public' | 'internal';
  channel: string;
  thread_id: Id | null;
  account_id: Id | null;
  author: Author;
  at: Time;
  created_at: Time;
  subject: string | null;
  text: string;
  folds: Fold[];
  has_html: boolean;
  remote_images: number;
  recipients: Recipient[];
  mention_ids: Id[];
  in_reply_to: Id | null;
  attachments: Attachment[];
  deliveries: Delivery[];
  automatic: '' | 'auto_reply' | 'bulk' | 'receipt';
  trust: string;
  warnings: string[];
  calendar: Record<string, unknown>[];
  client_token: string | null;
  edited_at: Time | null;
  deleted_at: Time | null;
  /** The message it answers, in short. */
  quoted: string | null;
}

export interface Entry {
  conversation_id: Id;
  seq: number;
  at: Time;
  kind: 'event';
  type: string;
  actor: { kind: 'agent' | 'system' | 'client' | 'rule'; id: Id | null };
  data: Record<string, unknown>;
}

export interface TimelinePage {
  messages: Message[];
  entries: Entry[];
  first_seq: number;
  last_seq: number;
  has_more_before: boolean;
}

export type DraftKind = 'reply' | 'note';

export interface Upload {
  blob: string;
  filename: string;
  mime: string;
  size: number;
}

export interface DraftBody {
  text: string;
  recipients: Recipient[];
  attachments: Upload[];
  subject: string | null;
}

export interface Draft {
  conversation_id: Id;
  kind: DraftKind;
  body: DraftBody;
  base_seq: number;
  rev: number;
  updated_at: Time;
}

export interface CardIdentity {
  link_id: Id;
  id: Id;
  kind: string;
  value: string;
  display: string;
  label: string;
  is_primary: boolean;
  shared: boolean;
  status: string;
  status_reason: string | null;
  verified_at: Time | null;
  extension: string | null;
}

export interface Card {
  id: Id;
  number: number;
  rev: number;
  kind: 'person' | 'company';
  display_name: string;
  given_name: string;
  family_name: string;
  legal_name: string;
  birthday: string | null;
  locale: string | null;
  about: string;
  lifecycle: string;
  branch_id: Id | null;
  team_id: Id | null;
  owner_id: Id | null;
  custom: Record<string, unknown>;
  provenance: Record<string, unknown>;
  merged_into: Id | null;
  identities: CardIdentity[];
  first_contact_at: Time | null;
  last_in_at: Time | null;
  last_out_at: Time | null;
  created_at: Time;
  updated_at: Time;
}

export interface Activity {
  id: Id;
  at: Time;
  kind: string;
  direction: string;
  channel: string;
  summary: string;
  conversation_id: Id | null;
  agent_id: Id | null;
  ref: string | null;
  data: Record<string, unknown>;
}

export interface Health {
  state: string;
  code: string;
  remedy: string;
  text: string;
  backlog: number | null;
  last_received_at: Time | null;
  lag_seconds: number | null;
  details: Record<string, unknown>;
}

export interface Account {
  id: Id;
  rev: number;
  kind: string;
  provider: string;
  name: string;
  address: string;
  config: Record<string, unknown>;
  is_enabled: boolean;
  branch_id: Id | null;
  team_id: Id | null;
  reopen_days: number;
  health: Health;
  health_at: Time | null;
  capabilities: Record<string, unknown>;
  paused_until: Time | null;
}

/** Everybody sees id, name, status and team_ids; the rest only who may read agents. */
export interface Agent {
  id: Id;
  name: string;
  status: 'active' | 'invited' | 'left';
  team_ids: Id[];
  rev?: number;
  login?: string;
  branch_id?: Id | null;
  manager_id?: Id | null;
  locale?: string;
  role_keys?: string[];
  has_totp?: boolean;
}

export interface Me extends Required<Agent> {
  signature: string;
  timezone: string | null;
  preferences: Record<string, unknown>;
  /** "conversation.reply" -> the widest scope: own, team, branch or all. */
  permissions: Record<string, string>;
}

export interface Team {
  id: Id;
  rev: number;
  name: string;
  branch_id: Id | null;
  member_ids: Id[];
}

export interface Branch {
  id: Id;
  name: string;
  code: string;
  timezone: string;
  phone_region: string;
}

export interface Tag {
  id: Id;
  rev: number;
  name: string;
  color: string;
}

export interface Role {
  id: Id;
  key: string;
  name: string;
  grants: { entity: string; action: string; scope: 'own' | 'team' | 'branch' | 'all' }[];
}

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

export interface View {
  key: ViewKey;
  name?: string;
}

/** [total, unread] */
export type Count = [number, number];

export interface HubState {
  cursor: string;
  epoch: string;
  build: string;
  me: Me;
  agents: Agent[];
  teams: Team[];
  branches: Branch[];
  tags: Tag[];
  accounts: Account[];
  views: View[];
  counts: Record<string, Count>;
  presence: Record<Id, string>;
}

export interface ConversationPage {
  cursor: string;
  items: ConversationItem[];
  next: string | null;
}

export interface ConversationSnapshot {
  conversation: ConversationItem;
  timeline: TimelinePage;
  drafts: Draft[];
}

export interface SearchMessage {
  message_id: Id;
  conversation_id: Id;
  seq: number;
  number: number;
  subject: string;
  card_name: string;
  at: Time;
  kind: string;
  /** Hits stand between U+0002 and U+0003. */
  snippet: string;
}

export interface SearchResult {
  cards: (Card & { matched?: string })[];
  conversations: ConversationItem[];
  messages: SearchMessage[];
}

/** RFC 9457 body of every refusal. */
export interface ProblemBody {
  type?: string;
  code?: string;
  title?: string;
  detail?: string;
  status?: number;
  [member: string]: unknown;
}
