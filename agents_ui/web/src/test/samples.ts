import type {
  Account,
  Caps,
  Card,
  ChannelOption,
  ConversationItem,
  Delivery,
  Entry,
  Me,
  Message,
} from '@/api/types';

/** A mail from a client, with what a test says about it. */
export function messageOf(parts: Partial<Message> = {}): Message {
  return {
    id: `message-${parts.seq ?? 1}`,
    conversation_id: 'conversation',
    seq: 1,
    rev: 1,
    kind: 'inbound',
    visibility: 'public',
    channel: 'email',
    thread_id: 'thread',
    account_id: 'account',
    author: { kind: 'client', id: 'card', name: 'Ion Rusu', address: 'ion@rusu.md' },
    at: '2026-11-24T10:00:00Z',
    created_at: '2026-11-24T10:00:00Z',
    subject: null,
    text: 'Bună ziua',
    folds: [],
    has_html: false,
    remote_images: 0,
    recipients: [{ role: 'to', kind: 'email', value: 'sales@punte.md', display: null }],
    mention_ids: [],
    in_reply_to: null,
    attachments: [],
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
    client_token: null,
    edited_at: null,
    deleted_at: null,
    quoted: null,
    ...parts,
  };
}

/** A change of status, with what a test says about it. */
export function entryOf(parts: Partial<Entry> = {}): Entry {
  return {
    conversation_id: 'conversation',
    seq: 1,
    at: '2026-11-24T10:00:00Z',
    kind: 'event',
    type: 'status',
    actor: { kind: 'agent', id: 'ana' },
    data: { from: 'open', to: 'closed' },
    ...parts,
  };
}

/** A copy on its way to one recipient. */
export function deliveryOf(parts: Partial<Delivery> = {}): Delivery {
  return {
    id: 'delivery',
    identity_id: 'identity',
    address: 'ion@rusu.md',
    display: 'Ion Rusu',
    role: 'to',
    part: 0,
    state: 'sent',
    not_before: '2026-11-24T09:00:00Z',
    attempts: 1,
    error_code: null,
    error_text: null,
    updated_at: '2026-11-24T10:00:00Z',
    ...parts,
  };
}

/** A conversation as it stands in a list. */
export function conversationOf(parts: Partial<ConversationItem> = {}): ConversationItem {
  return {
    id: 'conversation',
    number: 17,
    rev: 1,
    subject: 'Ofertă de preț',
    status: 'open',
    folder: 'inbox',
    priority: 1,
    snoozed_until: null,
    closed_at: null,
    created_at: '2026-11-24T09:00:00Z',
    card: { id: 'card', name: 'Ion Rusu', number: 5, lifecycle: 'lead' },
    branch_id: 'branch',
    team_id: null,
    assignee_id: null,
    follower_ids: [],
    tag_ids: [],
    channels: ['email'],
    account_id: 'account',
    last_seq: 1,
    last_public_seq: 1,
    inbound_count: 1,
    failed_count: 0,
    waiting_since: '2026-11-24T10:00:00Z',
    last_activity_at: '2026-11-24T10:00:00Z',
    preview: 'Bună ziua',
    preview_kind: 'inbound',
    continues_id: null,
    related_id: null,
    merged_into: null,
    is_group: false,
    read_count: 0,
    has_draft: false,
    ...parts,
  };
}

/** A client's card. */
export function cardOf(parts: Partial<Card> = {}): Card {
  return {
    id: 'card',
    number: 5,
    rev: 1,
    kind: 'person',
    display_name: 'Ion Rusu',
    given_name: 'Ion',
    family_name: 'Rusu',
    legal_name: '',
    birthday: null,
    locale: 'ro',
    about: '',
    lifecycle: 'lead',
    branch_id: 'branch',
    team_id: null,
    owner_id: null,
    custom: {},
    provenance: {},
    merged_into: null,
    identities: [],
    first_contact_at: null,
    last_in_at: null,
    last_out_at: null,
    created_at: '2026-11-24T09:00:00Z',
    updated_at: '2026-11-24T09:00:00Z',
    ...parts,
  };
}

/** An agent who may do everything with conversations and cards. */
export function agentOf(parts: Partial<Me> = {}): Me {
  return {
    id: 'ana',
    rev: 1,
    name: 'Ana Ceban',
    login: 'ana@punte.md',
    branch_id: 'branch',
    manager_id: null,
    status: 'active',
    locale: 'en',
    team_ids: [],
    role_keys: ['owner'],
    has_totp: false,
    signature: '',
    timezone: 'Europe/Chisinau',
    preferences: {},
    permissions: {
      'conversation.reply': 'all',
      'conversation.note': 'all',
      'card.update': 'all',
      'card.merge': 'all',
    },
    ...parts,
  };
}

/** The mailbox clients write to. */
export function accountOf(parts: Partial<Account> = {}): Account {
  return {
    id: 'account',
    rev: 1,
    kind: 'email',
    provider: 'email.imap',
    name: 'Sales',
    address: 'sales@punte.md',
    config: {},
    is_enabled: true,
    branch_id: 'branch',
    team_id: null,
    reopen_days: 14,
    health: {
      state: 'ok',
      code: '',
      remedy: '',
      text: '',
      backlog: null,
      last_received_at: null,
      lag_seconds: null,
      details: {},
    },
    health_at: null,
    capabilities: {},
    paused_until: null,
    ...parts,
  };
}

/** What Telegram carries, with what a test says about it. */
export function capsOf(parts: Partial<Caps> = {}): Caps {
  const media = { max_bytes: 50_000_000, max_caption: 1024, per_message: 10, mimes: [] };
  return {
    text_max: 4096,
    text_unit: 'utf16',
    text_split: true,
    formatting: { bold: 2, italic: 2, strike: 2, code: 2, link: 2 },
    media: { image: media, video: media, audio: media, file: media },
    subject: false,
    copies: false,
    html: false,
    reply: true,
    edit: true,
    edit_seconds: null,
    delete: true,
    delete_seconds: 172_800,
    reactions: 1,
    allowed_reactions: null,
    buttons: 8,
    metered: false,
    undo_seconds: 0,
    typing_out: true,
    window_seconds: null,
    groups: true,
    ...parts,
  };
}

/** A client's Telegram as a way to answer. */
export function optionOf(parts: Partial<ChannelOption> = {}): ChannelOption {
  return {
    account_id: 'bot',
    account_name: 'Bot',
    provider: 'telegram',
    channel: 'telegram',
    identity_id: 'telegram-user',
    address: '42',
    display: 'Ion',
    kind: 'telegram_user',
    thread_id: null,
    is_default: false,
    possible: true,
    reason: '',
    until: null,
    elsewhere_id: null,
    verified: false,
    caps: capsOf(),
    ...parts,
  };
}
