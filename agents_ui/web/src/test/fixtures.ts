/** Small, complete rows for tests. */

import type { ConversationItem, HubState, Message } from '@/api/types';

const START = Date.UTC(2026, 10, 24, 9, 0, 0);

/** The n-th minute of the test's day. */
export function minute(n: number): string {
  return new Date(START + n * 60_000).toISOString();
}

export function conversation(change: Partial<ConversationItem> = {}): ConversationItem {
  return {
    id: 'c1',
    number: 1,
    rev: 1,
    subject: 'Delivery to Bălți',
    status: 'open',
    folder: 'inbox',
    priority: 1,
    snoozed_until: null,
    closed_at: null,
    created_at: minute(0),
    card: { id: 'k1', name: 'Ana Rusu', number: 1, lifecycle: 'lead' },
    branch_id: 'b1',
    team_id: null,
    assignee_id: null,
    follower_ids: [],
    tag_ids: [],
    channels: ['email'],
    account_id: 'a1',
    last_seq: 1,
    last_public_seq: 1,
    inbound_count: 1,
    failed_count: 0,
    waiting_since: minute(0),
    last_activity_at: minute(0),
    preview: 'When will it come?',
    preview_kind: 'inbound',
    continues_id: null,
    related_id: null,
    merged_into: null,
    is_group: false,
    read_count: 0,
    has_draft: false,
    ...change,
  };
}

export function message(change: Partial<Message> = {}): Message {
  return {
    id: 'm1',
    conversation_id: 'c1',
    seq: 1,
    rev: 1,
    kind: 'inbound',
    visibility: 'public',
    channel: 'email',
    thread_id: 't1',
    account_id: 'a1',
    author: { kind: 'client', id: null, name: 'Ana Rusu', address: 'ana@example.md' },
    at: minute(0),
    created_at: minute(0),
    subject: null,
    text: 'When will it come?',
    folds: [],
    has_html: false,
    remote_images: 0,
    recipients: [],
    mention_ids: [],
    in_reply_to: null,
    attachments: [],
    deliveries: [],
    automatic: '',
    trust: 'passed',
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
    ...change,
  };
}

export function hubState(change: Partial<HubState> = {}): HubState {
  return {
    cursor: '0',
    epoch: 'e1',
    build: 'test',
    me: {
      id: 'me',
      rev: 1,
      name: 'Ion Munteanu',
      login: 'ion@example.md',
      branch_id: 'b1',
      manager_id: null,
      status: 'active',
      locale: 'en',
      team_ids: [],
      role_keys: ['owner'],
      has_totp: false,
      signature: '',
      timezone: null,
      preferences: {},
      permissions: { 'conversation.read': 'all', 'conversation.reply': 'all' },
    },
    agents: [{ id: 'me', name: 'Ion Munteanu', status: 'active', team_ids: [] }],
    teams: [],
    branches: [],
    tags: [],
    accounts: [],
    views: [
      { key: 'mine', kind: 'mine', name: '' },
      { key: 'all', kind: 'all', name: '' },
    ],
    counts: { all: [0, 0] },
    presence: {},
    ...change,
  };
}
