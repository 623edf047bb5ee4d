/* Written by `python -m agents_ui.gen_types` from the hub's OpenAPI document: do not edit. */

/** A channel account, without its secrets. */
export interface Account {
  id: string;
  rev: number;
  kind: string;
  provider: string;
  name: string;
  address: string;
  config: Record<string, unknown>;
  is_enabled: boolean;
  branch_id: string;
  team_id: string | null;
  reopen_days: number;
  health: AccountHealth;
  health_at: string | null;
  paused_until: string | null;
  capabilities: Record<string, unknown>;
}

/** What to change; secrets left out stay. */
export interface AccountChange {
  rev?: number;
  name?: string;
  config?: Record<string, unknown>;
  secrets?: Record<string, string>;
  is_enabled?: boolean;
  branch_id?: string;
  team_id?: string | null;
  reopen_days?: number;
}

/** A channel account is as it is now. */
export interface AccountChanged {
  type: 'account.changed';
  c: string;
  account: Account;
}

/** How a channel account is doing. */
export interface AccountHealth {
  state: string;
  code: string;
  remedy: string;
  text: string;
  backlog: number | null;
  last_received_at: string | null;
  lag_seconds: number | null;
  details: Record<string, unknown>;
}

/** A kind of account that can be connected. */
export interface AccountKind {
  provider: string;
  kind: string;
  schema: Record<string, unknown>;
  secrets: string[];
  presets: Record<string, unknown>;
}

/** Settings to try. */
export interface AccountTest {
  provider: string;
  config: Record<string, unknown>;
  secrets?: Record<string, string>;
  account_id?: string | null;
}

/** One line of a card's timeline. */
export interface Activity {
  id: string;
  at: string;
  kind: string;
  direction: string;
  channel: string;
  summary: string;
  conversation_id: string | null;
  agent_id: string | null;
  ref: string | null;
  data: Record<string, unknown>;
}

/** Who did something to a conversation. */
export interface Actor {
  kind: 'agent' | 'client' | 'rule' | 'system';
  id: string | null;
}

/** Somebody's address on a channel. */
export interface AddressGiven {
  kind: string;
  value: string;
  display?: string | null;
}

/** Somebody a message is addressed to, as it says itself. */
export interface Addressee {
  role: 'bcc' | 'cc' | 'reply_to' | 'to';
  kind: string;
  value: string;
  display: string | null;
}

/** Somebody to send to. */
export interface AddresseeGiven {
  kind: string;
  value: string;
  display?: string | null;
  role?: 'bcc' | 'cc' | 'to';
}

/** Somebody who works in the hub, as administrators see them. */
export interface Agent {
  id: string;
  rev: number;
  name: string;
  login: string;
  branch_id: string;
  manager_id: string | null;
  status: 'active' | 'invited' | 'left';
  locale: string;
  team_ids: string[];
  role_keys: string[];
  has_totp: boolean;
}

/** What to change; `status` left signs the agent out everywhere at once. */
export interface AgentChange {
  rev?: number;
  name?: string;
  login?: string;
  branch_id?: string;
  manager_id?: string | null;
  status?: string;
  team_ids?: string[];
  role_keys?: string[];
}

/** An agent is as they are now. */
export interface AgentChanged {
  type: 'agent.changed';
  c: string;
  agent: Colleague;
}

/** A link that works once. */
export interface AgentLink {
  link: string;
}

/** An API key, without its secret. */
export interface ApiKey {
  id: string;
  name: string;
  hint: string;
  agent_id: string;
  scopes: string[];
  created_at: string;
  used_at: string | null;
  expires_at: string | null;
}

/** A file of a message. */
export interface Attachment {
  id: string;
  kind: string;
  filename: string;
  mime: string;
  size: number;
  duration: number | null;
  inline: boolean;
  content_id: string | null;
  unavailable: string | null;
}

/** How to serve it: `inline` shows raster images, everything else is a download. */
export interface AttachmentQuery {
  inline?: number;
}

/** Which changes: of a table, of one row, or all. */
export interface AuditQuery {
  before?: string | null;
  limit?: number;
  table?: string | null;
  row?: string | null;
}

/** Who wrote a message. */
export interface Author {
  kind: 'agent' | 'client' | 'system';
  id: string | null;
  name: string;
  address: string | null;
}

/** A conversation and its first message. */
export interface Begun {
  conversation: Conversation;
  message: Message;
}

/** Where an address that is believed goes. */
export interface Believed {
  card_id?: string | null;
}

/** Whether to load remote images, through the hub. */
export interface BodyQuery {
  images?: number;
}

/** A place of the company. */
export interface Branch {
  id: string;
  name: string;
  code: string;
  timezone: string;
  phone_region: string;
}

/** What to change. */
export interface BranchChange {
  name?: string;
  code?: string;
  timezone?: string;
  phone_region?: string;
}

/** The hub serves another version of the app. */
export interface Build {
  op: 'build';
  build: string;
}

/** The same change for many conversations. */
export interface BulkChange {
  ids: string[];
  patch: ConversationChange;
}

/** What became of a bulk change. */
export interface BulkResult {
  done: string[];
  failed: Failure[];
}

/** A button under a message. */
export interface Button {
  id: string;
  label: string;
  url: string | null;
}

/** A button under a message. */
export interface ButtonShown {
  id: string;
  label: string;
  url: string | null;
}

/** Buttons under a message, row by row. */
export interface ButtonsPart {
  type: 'buttons';
  start: number;
  end: number;
  rows: ButtonShown[][];
}

/** The hub is leaving: reconnect within a random part of `in_ms`. */
export interface Bye {
  op: 'bye';
  code: number;
  in_ms: number;
}

/** A client card. */
export interface Card {
  id: string;
  number: number;
  rev: number;
  kind: 'company' | 'person';
  display_name: string;
  given_name: string;
  family_name: string;
  legal_name: string;
  birthday: string | null;
  locale: string | null;
  about: string;
  lifecycle: string;
  branch_id: string;
  team_id: string | null;
  owner_id: string | null;
  custom: Record<string, unknown>;
  provenance: Record<string, unknown>;
  merged_into: string | null;
  identities: CardIdentity[];
  first_contact_at: string | null;
  last_in_at: string | null;
  last_out_at: string | null;
  created_at: string;
  updated_at: string;
}

/** What to change; fields left out stay as they are. */
export interface CardChange {
  rev: number;
  kind?: 'company' | 'person';
  display_name?: string;
  given_name?: string;
  family_name?: string;
  legal_name?: string;
  birthday?: string | null;
  locale?: string | null;
  about?: string;
  lifecycle?: string;
  branch_id?: string;
  team_id?: string | null;
  owner_id?: string | null;
  custom?: Record<string, unknown>;
}

/** A card is as it is now. */
export interface CardChanged {
  type: 'card.changed';
  c: string;
  card: Card;
}

/** A card that a search found. */
export interface CardHit {
  id: string;
  number: number;
  display_name: string;
  kind: string;
  lifecycle: string;
  matched: string;
}

/** An identity as a card holds it. */
export interface CardIdentity {
  link_id: string;
  id: string;
  kind: string;
  value: string;
  display: string;
  label: string;
  is_primary: boolean;
  shared: boolean;
  status: string;
  status_reason: string | null;
  verified_at: string | null;
  extension: string | null;
}

/** Which cards to list. */
export interface CardQuery {
  before?: string | null;
  limit?: number;
  q?: string;
  strangers?: number;
}

/** A card as a conversation names it. */
export interface CardRef {
  id: string;
  name: string;
  number: number;
  lifecycle: string;
}

/** A card disappeared into another. */
export interface CardsMerged {
  type: 'card.merged';
  c: string;
  winner_id: string;
  loser_id: string;
}

/** A merge was undone. */
export interface CardsUnmerged {
  type: 'card.unmerged';
  c: string;
  winner_id: string;
  loser_id: string;
}

/** A change of a row; an update has only the fields that differ. */
export interface Change {
  id: number;
  at: string;
  actor_id: string | null;
  via: string;
  batch_id: string | null;
  table: string;
  row: string;
  op: 'delete' | 'insert' | 'update';
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

/** A way to write to a client. */
export interface ChannelOption {
  account_id: string;
  account_name: string;
  provider: string;
  channel: string;
  identity_id: string;
  kind: string;
  address: string;
  display: string;
  verified: boolean;
  thread_id: string | null;
  is_default: boolean;
  possible: boolean;
  reason: '' | 'blocked' | 'bounced' | 'client_writes_first' | 'left' | 'one_way' | 'open_elsewhere' | 'opted_out' | 'paused' | 'quiet_hours' | 'switched_off' | 'unreachable' | 'unverified' | 'window_closed' | 'wrong';
  until: string | null;
  elsewhere_id: string | null;
  caps: Record<string, unknown>;
}

/** What a visitor says of themselves, without proof. */
export interface Claim {
  id: string;
  kind: string;
  value: string;
  at: string;
}

/** The client is writing; forget it after 6 s. */
export interface ClientTyping {
  t: 'client_typing';
  conversation_id: string;
  name: string;
  activity: 'file' | 'text' | 'voice';
}

/** A code of the authenticator app. */
export interface Code {
  code: string;
}

/** Somebody who works in the hub, as everybody sees them. */
export interface Colleague {
  id: string;
  name: string;
  status: 'active' | 'invited' | 'left';
  team_ids: string[];
}

/** A client's renewed consent. */
export interface Consent {
  identity_id: string;
  reason: string;
}

/** A contact card; `is_sender` says that it is the sender's own. */
export interface ContactPart {
  type: 'contact';
  start: number;
  end: number;
  name: string;
  phones: string[];
  is_sender: boolean;
}

/** A case: a unit of work with one client. */
export interface Conversation {
  id: string;
  number: number;
  rev: number;
  subject: string;
  status: 'closed' | 'open' | 'snoozed' | 'waiting';
  folder: 'inbox' | 'spam' | 'trash';
  priority: number;
  snoozed_until: string | null;
  closed_at: string | null;
  created_at: string;
  card: CardRef;
  branch_id: string;
  team_id: string | null;
  assignee_id: string | null;
  follower_ids: string[];
  tag_ids: string[];
  channels: string[];
  account_id: string | null;
  is_group: boolean;
  last_seq: number;
  last_public_seq: number;
  inbound_count: number;
  failed_count: number;
  waiting_since: string | null;
  last_activity_at: string;
  preview: string;
  preview_kind: string;
  continues_id: string | null;
  related_id: string | null;
  merged_into: string | null;
}

/** What to change; fields left out stay as they are. */
export interface ConversationChange {
  rev?: number;
  status?: 'closed' | 'open' | 'snoozed' | 'waiting';
  snoozed_until?: string | null;
  priority?: number;
  assignee_id?: string | null;
  team_id?: string | null;
  subject?: string;
  folder?: 'inbox' | 'spam' | 'trash';
  tag_ids?: string[];
  following?: boolean;
}

/** A conversation is as it is now. */
export interface ConversationChanged {
  type: 'conversation.changed';
  c: string;
  conversation: Conversation;
}

/** A conversation as a list shows it to one agent. */
export interface ConversationItem {
  id: string;
  number: number;
  rev: number;
  subject: string;
  status: 'closed' | 'open' | 'snoozed' | 'waiting';
  folder: 'inbox' | 'spam' | 'trash';
  priority: number;
  snoozed_until: string | null;
  closed_at: string | null;
  created_at: string;
  card: CardRef;
  branch_id: string;
  team_id: string | null;
  assignee_id: string | null;
  follower_ids: string[];
  tag_ids: string[];
  channels: string[];
  account_id: string | null;
  is_group: boolean;
  last_seq: number;
  last_public_seq: number;
  inbound_count: number;
  failed_count: number;
  waiting_since: string | null;
  last_activity_at: string;
  preview: string;
  preview_kind: string;
  continues_id: string | null;
  related_id: string | null;
  merged_into: string | null;
  read_count: number;
  has_draft: boolean;
}

/** Data of the topic `conv:<id>`: what opening a conversation shows. */
export interface ConversationSnap {
  conversation: ConversationItem;
  timeline: Timeline;
  drafts: Draft[];
}

/** A price; `amount` is a decimal as text. */
export interface Cost {
  amount: string;
  currency: string;
  units: number;
}

/** Views whose `[total, unread]` changed; the last value wins. */
export interface Counts {
  op: 'counts';
  v: Record<string, [number, number]>;
}

/** One recipient's copy of one part of a message. */
export interface Delivery {
  id: string;
  identity_id: string;
  address: string;
  display: string;
  role: 'bcc' | 'cc' | 'to';
  part: number;
  state: 'bounced' | 'cancelled' | 'delivered' | 'failed' | 'queued' | 'read' | 'sending' | 'sent' | 'unknown';
  not_before: string;
  attempts: number;
  error_code: string | null;
  error_text: string | null;
  updated_at: string;
}

/** What an agent is writing. */
export interface Draft {
  conversation_id: string;
  kind: 'note' | 'reply';
  body: DraftBody;
  base_seq: number;
  rev: number;
  updated_at: string;
}

/** A draft as the composer holds it. */
export interface DraftBody {
  text: string;
  recipients: Addressee[];
  attachments: DraftFile[];
  subject: string | null;
}

/** The draft from now on. */
export interface DraftChange {
  body: DraftText;
  base_seq?: number;
  rev?: number | null;
}

/** The agent's draft is as it is now, or was `deleted`. */
export interface DraftChanged {
  type: 'draft.changed';
  c: string;
  draft: Draft | null;
  deleted: DraftRef | null;
}

/** A file waiting to be sent. */
export interface DraftFile {
  blob: string;
  filename: string;
  mime: string;
  size: number;
}

/** A draft that is gone. */
export interface DraftRef {
  conversation_id: string;
  kind: 'note' | 'reply';
}

/** A draft as the composer holds it. */
export interface DraftText {
  text?: string;
  recipients?: AddresseeGiven[];
  attachments?: FileGiven[];
  subject?: string | null;
}

/** A message as it stands in a composer. */
export interface Draught {
  account_id: string;
  identity_id?: string | null;
  text?: string;
  spans?: Span[];
  attachments?: FileGiven[];
  buttons?: Button[][];
}

/** What a message said before its `n`-th edit, made `at`. */
export interface Edit {
  n: number;
  at: string;
  actor_kind: 'agent' | 'client';
  text: string;
  spans: FormattedRange[];
  parts: Record<string, unknown>[];
}

/** What an authenticator app needs. */
export interface Enrolment {
  secret: string;
  uri: string;
  svg: string;
}

/** Something that happened to a conversation, between its messages. */
export interface Entry {
  conversation_id: string;
  seq: number;
  at: string;
  kind: 'event';
  type: string;
  actor: Actor;
  data: Record<string, unknown>;
}

/** Something happened to a conversation. */
export interface EntryAdded {
  type: 'entry.added';
  c: string;
  entry: Entry;
}

/** What is true only now: no cursor, the last value wins. */
export interface Ephemera {
  op: 'eph';
  e: (TypingNow | ViewingNow | PresenceNow | ClientTyping)[];
}

/** A frame of the client's was not understood or not allowed. */
export interface Error {
  op: 'err';
  code: string;
  msg: string;
  id: number | null;
  topic: string | null;
}

/** What it would become. */
export interface Estimate {
  calls: number;
  parts: number;
  losses: string[];
  cost: Cost | null;
  units: number | null;
  unit_max: number | null;
  encoding: string | null;
  forced_by: string | null;
  suggestion: Suggestion | null;
}

/** Events, in order. A type the client does not know is ignored. */
export interface Events {
  op: 'ev';
  p: string;
  e: (ConversationChanged | MessageChanged | EntryAdded | CardChanged | CardsMerged | CardsUnmerged | ReadChanged | DraftChanged | AccountChanged | AgentChanged | TeamChanged | TagChanged | TaskChanged | SessionRevoked | Gone)[];
}

/** Why one of many was left as it was. */
export interface Failure {
  id: string;
  code: string;
  detail: string;
}

/** A field that differs between the cards. */
export interface FieldChoice {
  field: string;
  winner: unknown;
  loser: unknown;
  result: unknown;
}

/** A file uploaded before, by `POST /api/uploads`. */
export interface FileGiven {
  blob: string;
  filename: string;
  mime?: string;
  size?: number;
}

/** A form a visitor filled in. */
export interface FilledForm {
  form: string;
  values: Record<string, string>;
  at: string;
}

/** The first owner, and the token that `punte run` printed. */
export interface FirstOwner {
  token: string;
  name: string;
  login: string;
  password: string;
  locale?: 'en' | 'ro' | 'ru';
}

/** A range of the text shown folded; code points. */
export interface FoldedRange {
  start: number;
  end: number;
  kind: 'quote' | 'signature';
}

/** A formatted range of the text; code points. */
export interface FormattedRange {
  start: number;
  end: number;
  kind: 'bold' | 'code' | 'italic' | 'link' | 'mention' | 'pre' | 'quote' | 'spoiler' | 'strike' | 'underline';
  arg: string | null;
}

/** Somebody else's message; its files are attachments of the message. */
export interface ForwardedPart {
  type: 'forwarded';
  start: number;
  end: number;
  origin: string;
  at: string | null;
  parts: (TextPart | LocationPart | ContactPart | UnsupportedPart | ForwardedPart)[];
}

/** What was found, best first. */
export interface Found {
  cards: CardHit[];
  conversations: ConversationItem[];
  messages: MessageHit[];
}

/** Something is no longer visible to the agent: drop it and what belongs to it. */
export interface Gone {
  type: 'gone';
  c: string;
  kind: 'card' | 'conversation' | 'task';
  id: string;
}

/** One permission. */
export interface Grant {
  entity: string;
  action: string;
  scope: 'all' | 'branch' | 'own' | 'team';
}

/** The hub is there; `cursor` is that of the last frame, as the chain has it. */
export interface Heartbeat {
  op: 'hb';
  cursor: string;
  now: number;
}

/** First frame of a client, within 5 s. */
export interface Hello {
  op: 'hello';
  v: 1;
  sid: string | null;
  epoch: string | null;
  cursor: string | null;
  build: string;
  vis: 'hidden' | 'visible';
}

/** Where a provider calls: a secret of the account. */
export interface Hook {
  url: string;
  is_public: boolean;
}

/** What to change about an identity on a card. */
export interface IdentityChange {
  label?: string;
  is_primary?: boolean;
  shared?: boolean;
  status?: 'ok' | 'opted_out' | 'wrong';
}

/** A remote image of a mail, as the mail's body refers to it. */
export interface ImageQuery {
  u: string;
  s: string;
}

/** A link that puts whoever opens it first on a card; it works once. */
export interface InvitationLink {
  url: string;
  expires_at: string;
  svg: string;
}

/** A new agent, and the link to hand over: shown this one time. */
export interface Invited {
  agent: Agent;
  link: string;
}

/** The conversation that becomes part of another. */
export interface Join {
  from_id: string;
}

/** Something a provider handed over, and what became of it. */
export interface JournalEntry {
  id: number;
  account_id: string;
  key: string;
  kind: string;
  size: number;
  received_at: string;
  state: string;
  reason: string | null;
  attempts: number;
  processed_at: string | null;
  message_id: string | null;
}

/** Which payloads. */
export interface JournalQuery {
  before?: string | null;
  limit?: number;
  state?: 'duplicate' | 'ignored' | 'processed' | 'quarantined' | 'received' | null;
  account_id?: string | null;
}

/** What a link is for. */
export interface Link {
  purpose: 'invite' | 'reset';
  name: string;
  login: string;
}

/** The password to sign in with from now on. */
export interface LinkUse {
  password: string;
  name?: string | null;
}

/** Which conversations to list. */
export interface ListQuery {
  view?: string;
  before?: string | null;
  limit?: number;
  order?: 'newest' | 'oldest_waiting';
}

/** A part of a list that the live connection keeps current. */
export interface LivePageConversationItem {
  cursor: string;
  items: ConversationItem[];
  next: string | null;
}

/** A place. */
export interface LocationPart {
  type: 'location';
  start: number;
  end: number;
  lat: number;
  lon: number;
  title: string | null;
  live: boolean;
}

/** The card that would disappear into the other. */
export interface Loser {
  loser_id: string;
  choices?: Record<string, string>;
}

/** A new key; `secret` is shown this one time. */
export interface MadeKey {
  key: ApiKey;
  secret: string;
}

/** The agent who asks. */
export interface Me {
  id: string;
  rev: number;
  name: string;
  login: string;
  branch_id: string;
  manager_id: string | null;
  status: 'active' | 'invited' | 'left';
  locale: string;
  team_ids: string[];
  role_keys: string[];
  has_totp: boolean;
  signature: string;
  timezone: string | null;
  preferences: Record<string, unknown>;
  permissions: Record<string, string>;
}

/** What to change of the own profile. */
export interface MeChange {
  name?: string;
  locale?: 'en' | 'ro' | 'ru';
  timezone?: string | null;
  signature?: string;
  preferences?: Record<string, unknown>;
}

/** Who is in the team from now on. */
export interface Members {
  member_ids: string[];
}

/** A merge of two cards. */
export interface Merge {
  id: string;
  winner_id: string;
  loser_id: string;
  loser_name: string;
  choices: Record<string, unknown>;
  reason: string;
  by: string | null;
  at: string;
  undone_at: string | null;
  undone_by: string | null;
}

/** What a merge would do. */
export interface MergePreview {
  winner: Card;
  loser: Card;
  fields: FieldChoice[];
  moves: Record<string, number>;
}

/** A merge. */
export interface MergeRequest {
  loser_id: string;
  choices?: Record<string, string>;
  reason?: string;
}

/** A merge and the card that stays. */
export interface Merged {
  merge: Merge;
  card: Card;
}

/** One entry somebody wrote. */
export interface Message {
  id: string;
  conversation_id: string;
  seq: number;
  rev: number;
  kind: 'call' | 'inbound' | 'note' | 'outbound';
  visibility: 'internal' | 'public';
  channel: string;
  thread_id: string | null;
  account_id: string | null;
  author: Author;
  at: string;
  created_at: string;
  subject: string | null;
  text: string;
  folds: FoldedRange[];
  has_html: boolean;
  remote_images: number;
  recipients: Addressee[];
  mention_ids: string[];
  in_reply_to: string | null;
  spans: FormattedRange[];
  parts: (LocationPart | ContactPart | UnsupportedPart | ForwardedPart | ButtonsPart)[];
  album: string | null;
  pieces: Pieces | null;
  reactions: Reaction[];
  edits: number;
  attachments: Attachment[];
  deliveries: Delivery[];
  automatic: '' | 'auto_reply' | 'bulk' | 'receipt';
  trust: string;
  warnings: string[];
  calendar: Record<string, unknown>[];
  client_token: string | null;
  edited_at: string | null;
  deleted_at: string | null;
  quoted: string | null;
}

/** What an answer says from now on. */
export interface MessageChange {
  text: string;
  rev: number;
  spans?: Span[];
}

/** A message is new or changed; `rev` tells. */
export interface MessageChanged {
  type: 'message.changed';
  c: string;
  message: Message;
}

/** A message that was found. */
export interface MessageHit {
  message_id: string;
  conversation_id: string;
  seq: number;
  number: number;
  subject: string;
  card_name: string;
  at: string;
  kind: string;
  snippet: string;
}

/** An account to connect. */
export interface NewAccount {
  provider: string;
  name: string;
  config: Record<string, unknown>;
  secrets?: Record<string, string>;
  branch_id?: string | null;
  team_id?: string | null;
  reopen_days?: number;
}

/** A branch to make. */
export interface NewBranch {
  name: string;
  code: string;
  timezone?: string;
  phone_region?: string;
  parent_id?: string | null;
}

/** A client to write down. */
export interface NewCard {
  display_name: string;
  kind?: 'company' | 'person';
  given_name?: string;
  family_name?: string;
  legal_name?: string;
  birthday?: string | null;
  locale?: string | null;
  about?: string;
  branch_id?: string | null;
  team_id?: string | null;
  owner_id?: string | null;
  custom?: Record<string, unknown>;
  identities?: NewIdentity[];
}

/** A message to somebody that begins a conversation. */
export interface NewConversation {
  account_id: string;
  to: AddressGiven;
  text: string;
  card_id?: string | null;
  subject?: string | null;
  recipients?: AddresseeGiven[];
  attachments?: FileGiven[];
  not_before?: string | null;
  team_id?: string | null;
}

/** An address to put on a card. */
export interface NewIdentity {
  kind: 'email' | 'external_id' | 'phone' | 'sip_uri' | 'telegram_user';
  value: string;
  label?: string;
  shared?: boolean;
}

/** A key to make. */
export interface NewKey {
  name: string;
  scopes: string[];
  expires_at?: string | null;
}

/** An answer or a note. */
export interface NewMessage {
  kind: 'note' | 'reply';
  text: string;
  base_seq?: number;
  force?: boolean;
  spans?: Span[];
  thread_id?: string | null;
  via?: Via | null;
  reply_to?: string | null;
  buttons?: Button[][];
  recipients?: AddresseeGiven[];
  attachments?: FileGiven[];
  subject?: string | null;
  not_before?: string | null;
  status_after?: 'closed' | 'open' | 'waiting' | null;
  mention_ids?: string[];
}

/** A tag to make; `color` is a name of the palette. */
export interface NewTag {
  name: string;
  color?: string;
}

/** A team to make. */
export interface NewTeam {
  name: string;
  branch_id?: string | null;
  member_ids?: string[];
}

/** The consent page to open. */
export interface OAuthPage {
  url: string;
}

/** What the provider sends the browser back with; each adds fields of its own. */
export interface OAuthReturn {
  state: string;
  code: string;
  error: string;
}

/** Which account to sign in. */
export interface OAuthStart {
  account_id: string;
  provider?: string;
  login?: string | null;
}

/** Our whole set of reactions to a message; empty takes them back. */
export interface OurReactions {
  emojis: string[];
}

/** A page a visitor looked at in the last day. */
export interface PageSeen {
  url: string;
  title: string;
  referrer: string;
  at: string;
}

/** A part of a list. */
export interface PageActivity {
  items: Activity[];
  next: string | null;
}

/** A part of a list. */
export interface PageCard {
  items: Card[];
  next: string | null;
}

/** A part of a list. */
export interface PageChange {
  items: Change[];
  next: string | null;
}

/** A part of a list. */
export interface PageConversationItem {
  items: ConversationItem[];
  next: string | null;
}

/** A part of a list. */
export interface PageJournalEntry {
  items: JournalEntry[];
  next: string | null;
}

/** Which part of a list to return. */
export interface Paging {
  before?: string | null;
  limit?: number;
}

/** The password, typed again before something dangerous. */
export interface PasswordAgain {
  password: string;
}

/** A new password; every other session ends. */
export interface PasswordChange {
  current: string;
  new: string;
}

/** Which pieces of a long text have come, of how many; `text` marks where others are missing. */
export interface Pieces {
  have: number[];
  total: number;
}

/** Ask whether the hub is there. */
export interface Ping {
  op: 'ping';
  c: number;
}

/** Answer to a ping. */
export interface Pong {
  op: 'pong';
  c: number;
}

/** Whether somebody is there. */
export interface PresenceNow {
  t: 'presence';
  agent_id: string;
  status: 'away' | 'offline' | 'online';
}

/**
 * The body of every error response, as `application/problem+json`.
 * 
 * An error may add members of its own; clients ignore those they do not know.
 */
export interface Problem {
  code: string;
  title: string;
  status: number;
  detail: string;
  trace_id: string | null;
}

/** Somebody's reactions to a message. */
export interface Reaction {
  who: 'client' | 'us';
  name: string;
  emojis: string[];
}

/** The agent has read a conversation, perhaps elsewhere. */
export interface ReadChanged {
  type: 'read.changed';
  c: string;
  conversation_id: string;
  last_seq: number;
  inbound_count: number;
}

/** A place in the timeline. */
export interface ReadTo {
  seq: number;
}

/** Answer to `hello`. */
export interface Ready {
  op: 'ready';
  sid: string;
  epoch: string;
  mode: 'fresh' | 'reset' | 'resumed';
  cursor: string;
  n: number;
  hb: number;
  now: number;
  build: string;
  why: 'epoch' | 'many' | 'old' | null;
}

/** Codes that each replace the authenticator once; shown this one time. */
export interface RecoveryCodes {
  recovery_codes: string[];
}

/** Which deliveries to try again; empty is every one that failed. */
export interface Retry {
  delivery_ids?: string[];
}

/** A named set of grants. */
export interface Role {
  id: string;
  key: string;
  name: string;
  grants: Grant[];
}

/** What to look for. */
export interface SearchQuery {
  q: string;
  limit?: number;
}

/** A signed-in browser. */
export interface Session {
  id: string;
  created_at: string;
  seen_at: string;
  expires_at: string;
  ip: string;
  user_agent: string;
  current: boolean;
}

/** A session ended; None is all of the agent's. */
export interface SessionRevoked {
  type: 'session.revoked';
  c: string;
  session_id: string | null;
}

/** Whether the hub still waits for its first owner. */
export interface Setup {
  needed: boolean;
}

/** Who signs in. */
export interface SignIn {
  login: string;
  password: string;
  code?: string | null;
}

/** A topic as it was at `cursor`. */
export interface Snap {
  op: 'snap';
  id: number;
  epoch: string;
  cursor: string;
  topic: string;
  data: unknown;
  more: boolean;
}

/** Ask for topics as they are now: `state`, `view:<key>`, `conv:<id>`, `card:<id>`. */
export interface SnapRequest {
  op: 'snap';
  id: number;
  topics: string[];
}

/** A formatted range, in code points: adapters convert from UTF-16 at the wire. */
export interface Span {
  start: number;
  end: number;
  kind: 'bold' | 'code' | 'italic' | 'link' | 'mention' | 'pre' | 'quote' | 'spoiler' | 'strike' | 'underline';
  arg: string | null;
}

/** Everything small the browser needs, read in one snapshot. */
export interface State {
  cursor: string;
  epoch: string;
  build: string;
  me: Me;
  agents: Colleague[];
  teams: Team[];
  branches: Branch[];
  tags: Tag[];
  accounts: Account[];
  views: ViewInfo[];
  counts: Record<string, [number, number]>;
  presence: Record<string, string>;
}

/** A plainer spelling of a text, and the parts it takes. */
export interface Suggestion {
  text: string;
  parts: number;
}

/** A label for conversations and cards. */
export interface Tag {
  id: string;
  rev: number;
  name: string;
  color: string;
}

/** What to change. */
export interface TagChange {
  name?: string;
  color?: string;
}

/** A tag is as it is now. */
export interface TagChanged {
  type: 'tag.changed';
  c: string;
  tag: Tag;
  archived: boolean;
}

/** Something to do for a client by a time. */
export interface Task {
  id: string;
  rev: number;
  kind: string;
  title: string;
  body: string;
  phone: string;
  due_at: string | null;
  overdue_at: string | null;
  status: 'cancelled' | 'done' | 'open';
  result_code: string | null;
  result_note: string;
  card: TaskCard;
  conversation_id: string | null;
  branch_id: string;
  team_id: string | null;
  assignee_id: string | null;
  author_id: string | null;
  done_by: string | null;
  done_at: string | null;
  created_at: string;
  updated_at: string;
}

/** The client a task is for. */
export interface TaskCard {
  id: string;
  name: string;
  number: number;
}

/** What to change; fields left out stay as they are. */
export interface TaskChange {
  rev: number;
  status?: 'cancelled' | 'done' | 'open';
  result_code?: 'called' | 'no_answer' | 'not_needed' | 'wrong_number' | null;
  result_note?: string;
  assignee_id?: string | null;
  due_at?: string | null;
}

/** A task is as it is now. */
export interface TaskChanged {
  type: 'task.changed';
  c: string;
  task: Task;
}

/** A part of the tasks, and how many are open and late in all. */
export interface TaskPage {
  items: Task[];
  next: string | null;
  open: number;
  overdue: number;
}

/** Which tasks to list. */
export interface TaskQuery {
  status?: 'cancelled' | 'done' | 'open';
  mine?: '0' | '1';
  card_id?: string | null;
  before?: string | null;
  limit?: number;
}

/** Agents who share a queue. */
export interface Team {
  id: string;
  rev: number;
  name: string;
  branch_id: string;
  member_ids: string[];
}

/** What to change. */
export interface TeamChange {
  name: string;
  rev?: number;
}

/** A team is as it is now. */
export interface TeamChanged {
  type: 'team.changed';
  c: string;
  team: Team;
  archived: boolean;
}

/** How a test went. */
export interface TestResult {
  ok: boolean;
  steps: TestStep[];
  info: Record<string, unknown> | null;
}

/** One step of a test. */
export interface TestStep {
  step: string;
  ok: boolean;
  code: string;
  text: string;
}

/** Words, inside a forwarded message. */
export interface TextPart {
  type: 'text';
  start: number;
  end: number;
  text: string;
  spans: FormattedRange[];
}

/** A part of a conversation's timeline; `messages` and `entries` interleave by `seq`. */
export interface Timeline {
  messages: Message[];
  entries: Entry[];
  first_seq: number;
  last_seq: number;
  has_more_before: boolean;
}

/** Which part of the timeline: the newest without either, else before or after an entry. */
export interface TimelineQuery {
  before_seq?: number | null;
  after_seq?: number | null;
  limit?: number;
}

/** Say that the agent is writing; repeat every 5 s while it is so. */
export interface Typing {
  op: 'typing';
  conversation_id: string;
  kind: 'note' | 'reply';
  on: boolean;
}

/** Somebody is writing; forget it after 10 s. */
export interface TypingNow {
  t: 'typing';
  agent_id: string;
  conversation_id: string;
  kind: 'note' | 'reply';
  on: boolean;
}

/** What an undo did. */
export interface Undone {
  winner: Card;
  loser: Card;
  report: Record<string, unknown>;
}

/** Content this version cannot show, with what can be said of it. */
export interface UnsupportedPart {
  type: 'unsupported';
  start: number;
  end: number;
  type_name: string;
  fallback: string;
}

/** What the file is called. */
export interface UploadQuery {
  filename: string;
}

/** A file kept by the hub; an answer refers to it by `blob`. */
export interface Uploaded {
  blob: string;
  filename: string;
  mime: string;
  size: number;
}

/** Which account to answer with, and which of the client's addresses to write to. */
export interface Via {
  account_id: string;
  identity_id: string;
}

/** A view of the inbox. */
export interface ViewInfo {
  key: string;
  kind: string;
  name: string;
}

/** Say which conversation the agent looks at; repeat every 5 s. */
export interface Viewing {
  op: 'view';
  conversation_id: string | null;
}

/** Somebody looks at a conversation; forget it after 10 s. */
export interface ViewingNow {
  t: 'viewing';
  agent_id: string;
  conversation_id: string | null;
  on: boolean;
}

/** Say whether anybody looks at the tab. */
export interface Visibility {
  op: 'vis';
  v: 'hidden' | 'visible';
}

/** What is known of a conversation's visitor beside messages; newest first. */
export interface Visitor {
  claims: Claim[];
  pages: PageSeen[];
  forms: FilledForm[];
}

/** Somebody who shall work in the hub. */
export interface AgentsUiApiAgentsInvitation {
  name: string;
  login: string;
  branch_id?: string | null;
  manager_id?: string | null;
  locale?: 'en' | 'ro' | 'ru';
  team_ids?: string[];
  role_keys?: string[];
}

/** Which account a link leads to, and what it is for. */
export interface AgentsUiApiChannelsInvitation {
  account_id: string;
  purpose?: string;
}
