import 'fake-indexeddb/auto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { FakeHub } from '@/test/fakeHub';
import { minute } from '@/test/fixtures';
import { createHub } from './hub';
import type { Persist } from './persist';
import type { Hub, LocalDraft, Outgoing, Pending } from './types';

let server: FakeHub;
let hub: Hub;
let kept: Map<string, Pending>;
let drafts: Map<string, LocalDraft>;

const reply = (text: string): Outgoing => ({
  kind: 'reply',
  text,
  base_seq: 1,
  attachments: [],
  mention_ids: [],
});

beforeEach(() => {
  vi.useFakeTimers();
  sessionStorage.clear();
  server = new FakeHub();
  vi.stubGlobal('fetch', server.fetch);
  kept = new Map();
  drafts = new Map();
  hub = open();
});
afterEach(() => {
  hub.stop();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function memory(): Persist {
  return {
    outbox: async () => [...kept.values()],
    putPending: async (pending) => void kept.set(pending.token, pending),
    dropPending: async (token) => void kept.delete(token),
    drafts: async () => drafts,
    putDraft: async (key, draft) => void drafts.set(key, draft),
    dropDraft: async (key) => void drafts.delete(key),
    wipe: async () => {},
  };
}

function open(): Hub {
  const made = createHub({
    state: server.state(),
    build: 'test',
    url: 'ws://hub.test/live',
    persist: memory(),
    socket: server.socket,
    schedule: (flush) => flush(),
  });
  made.start();
  return made;
}

async function pass(ms = 50): Promise<void> {
  server.pump();
  await vi.advanceTimersByTimeAsync(ms);
}

const listed = (key = 'all') => hub.store.views.get(key)?.ids;

test('a list moves its rows by events alone', async () => {
  for (const id of ['c1', 'c2', 'c3']) server.receive(id);
  hub.watchView('all');
  await pass();
  expect(listed()).toEqual(['c3', 'c2', 'c1']);
  const asked = server.requests.length;
  server.receive('c1');
  await pass();
  expect(listed()).toEqual(['c1', 'c3', 'c2']);
  server.touch('c3', { status: 'closed' });
  await pass();
  expect(listed()).toEqual(['c1', 'c2']);
  server.receive('c9');
  await pass();
  expect(listed()).toEqual(['c9', 'c1', 'c2']);
  expect(server.requests.slice(asked)).toEqual([]);
});

test('a page read before an event does not undo the event', async () => {
  server.receive('c1');
  server.receive('c2');
  hub.watchView('all');
  await pass();
  const stale = { cursor: server.head, items: [...server.rows.values()], next: null };
  server.touch('c1', { status: 'closed' });
  await pass();
  server.intercept = (_method, path) =>
    path.startsWith('/api/conversations?') ? new Response(JSON.stringify(stale)) : null;
  hub.watchView('all', 'oldest_waiting');
  await pass();
  expect(listed()).toEqual(['c2']);
});

test('a conversation nobody has listed is read once when an event brings it up', async () => {
  server.touch('old', { status: 'closed', inbound_count: 7, read_count: 7 });
  await pass();
  hub.watchView('all');
  await pass();
  server.touch('old', { status: 'open', inbound_count: 8, read_count: 5 });
  await pass();
  await pass();
  expect(hub.store.conversations.get('old')?.read_count).toBe(5);
});

test('an open timeline grows with what arrives', async () => {
  server.receive('c1');
  hub.watchConversation('c1');
  await pass();
  server.receive('c1', { text: 'And another thing' });
  await pass();
  const items = hub.store.timelines.get('c1')?.items ?? [];
  expect(items.map((item) => item.seq)).toEqual([1, 2]);
});

test('a reply is shown at once and becomes the message in one step', async () => {
  server.receive('c1');
  hub.watchConversation('c1');
  await pass();
  const seen: string[] = [];
  hub.store.pending.subscribe('c1', () => {
    const pending = hub.store.pending.get('c1')?.length ?? 0;
    seen.push(`${pending} pending, ${hub.store.timelines.get('c1')?.items.length} shown`);
  });
  hub.send('c1', reply('Tomorrow'));
  expect(hub.store.pending.get('c1')).toHaveLength(1);
  await pass();
  expect(seen.at(-1)).toBe('0 pending, 2 shown');
  expect(kept.size).toBe(0);
});

test('an answer lost on its way is asked for again under the same key and sent once', async () => {
  server.receive('c1');
  hub.watchConversation('c1');
  await pass();
  let breaks = 2;
  const original = server.fetch;
  vi.stubGlobal('fetch', async (path: string, init: RequestInit) => {
    const response = await original(path, init);
    if (init.method === 'POST' && breaks-- > 0) throw new TypeError('Failed to fetch');
    return response;
  });
  const token = hub.send('c1', reply('Once'));
  await pass(5000);
  const posts = server.requests.filter((one) => one.method === 'POST');
  expect(posts.length).toBeGreaterThan(1);
  expect(new Set(posts.map((one) => one.key))).toEqual(new Set([token]));
  expect(server.messages.filter((one) => one.text === 'Once')).toHaveLength(1);
  expect(hub.store.pending.get('c1')).toBeUndefined();
});

test('a refused reply keeps its text and the reason', async () => {
  server.receive('c1');
  await pass();
  server.intercept = (method) =>
    method === 'POST'
      ? new Response(JSON.stringify({ code: 'conversation.changed', entries: [1] }), {
          status: 409,
        })
      : null;
  const token = hub.send('c1', reply('Too late?'));
  await pass();
  const [pending] = hub.store.pending.get('c1') ?? [];
  expect(pending).toMatchObject({ state: 'refused', problem: { code: 'conversation.changed' } });
  server.intercept = () => null;
  hub.resend(token, { force: true });
  await pass();
  expect(server.requests.at(-1)?.body).toMatchObject({ text: 'Too late?', force: true });
  expect(hub.store.pending.get('c1')).toBeUndefined();
});

test('what the last tab could not send, the next one sends', async () => {
  server.receive('c1');
  server.intercept = (method) => (method === 'POST' ? new Response('', { status: 503 }) : null);
  hub.send('c1', reply('Later'));
  await pass();
  hub.stop();
  server.intercept = () => null;
  hub = open();
  await pass(1000);
  expect(server.messages.filter((one) => one.text === 'Later')).toHaveLength(1);
  expect(kept.size).toBe(0);
});

test('a change is shown at once and taken back when the hub refuses', async () => {
  server.receive('c1');
  hub.watchView('all');
  await pass();
  server.intercept = (method) =>
    method === 'PATCH' ? new Response('{"detail":"not yours"}', { status: 403 }) : null;
  const refused = expect(hub.patch('c1', { status: 'closed' })).rejects.toThrow('not yours');
  expect(listed()).toEqual([]);
  await pass();
  await refused;
  expect(listed()).toEqual(['c1']);
});

test('text being written reaches the hub once it rests, and a deletion never comes first', async () => {
  server.receive('c1');
  await pass();
  const body = (text: string) => ({ text, recipients: [], attachments: [], subject: '' });
  for (const text of ['H', 'He', 'Hello']) hub.saveDraft('c1', 'reply', body(text), 1);
  expect(drafts.get('c1/reply')?.body.text).toBe('Hello');
  await pass(1100);
  hub.saveDraft('c1', 'reply', body(''), 1);
  await pass(100);
  const writes = server.requests.filter((one) => one.path.includes('/drafts/'));
  expect(writes.map((one) => one.method)).toEqual(['PUT', 'DELETE']);
  expect(drafts.size).toBe(0);
});

test('a draft of another tab never overwrites what is being typed here', async () => {
  server.receive('c1');
  await pass();
  const body = { text: 'Mine', recipients: [], attachments: [], subject: '' };
  hub.saveDraft('c1', 'reply', body, 1);
  server.commit({
    type: 'draft.changed',
    deleted: null,
    draft: {
      conversation_id: 'c1',
      kind: 'reply',
      body: { ...body, text: 'Theirs' },
      base_seq: 1,
      rev: 5,
      updated_at: minute(1),
    },
  });
  await pass();
  expect(hub.store.drafts.get('c1/reply')).toMatchObject({ body: { text: 'Mine' }, rev: 5 });
});

test('a conversation that moved out of sight leaves lists and timeline', async () => {
  server.receive('c1');
  hub.watchView('all');
  hub.watchConversation('c1');
  await pass();
  server.commit({ type: 'gone', kind: 'conversation', id: 'c1' });
  await pass();
  expect(listed()).toEqual([]);
  expect(hub.store.timelines.get('c1')).toBeUndefined();
});

test('after a reset the lists on screen are right and nothing else is kept', async () => {
  server.receive('c1');
  hub.watchView('all');
  const leave = hub.watchView('closed');
  await pass();
  leave();
  server.rewrite();
  server.receive('c2');
  await pass(3000);
  expect(hub.store.link.get().state).toBe('live');
  expect(listed()).toEqual(['c2', 'c1']);
  expect(hub.store.views.get('closed')).toBeUndefined();
});

test('a burst of events notifies each subscriber once', async () => {
  server.receive('c1');
  hub.watchView('all');
  await pass();
  let calls = 0;
  hub.store.conversations.subscribe('c1', () => (calls += 1));
  for (let at = 0; at < 30; at += 1) server.touch('c1');
  await pass();
  expect(hub.store.conversations.get('c1')?.rev).toBe(server.rows.get('c1')?.rev);
  expect(calls).toBe(1);
});
