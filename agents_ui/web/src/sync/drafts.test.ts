import { afterEach, expect, it, vi } from 'vitest';
import type { DraftBody } from '@/api/types';
import { Drafts } from './drafts';
import { draftKey, Store } from './store';

const body = (text: string): DraftBody => ({ text, recipients: [], attachments: [], subject: '' });
const draft = (text: string, rev: number) => ({
  conversation_id: 'c',
  kind: 'reply' as const,
  body: body(text),
  base_seq: 1,
  rev,
  updated_at: '2026-11-24T10:00:00Z',
});

function made(answers: Response[]) {
  const sent: unknown[] = [];
  vi.stubGlobal('fetch', (_: string, init: RequestInit) => {
    sent.push(JSON.parse(init.body as string));
    return Promise.resolve(answers.shift());
  });
  const store = new Store();
  const persist = {
    drafts: () => Promise.resolve([]),
    putDraft: () => Promise.resolve(),
    dropDraft: () => Promise.resolve(),
  };
  const waits = { after: () => 0, cancel: () => undefined };
  const drafts = new Drafts(store, persist as never, waits as never);
  return { store, drafts, sent };
}

const answer = (value: unknown, status = 200) => new Response(JSON.stringify(value), { status });

afterEach(() => vi.unstubAllGlobals());

it('says which revision it goes on from, so that its own second save is no conflict', async () => {
  const { drafts, sent } = made([answer(draft('a', 1)), answer(draft('ab', 2))]);
  drafts.save('c', 'reply', body('a'), 1);
  await drafts.flush();
  drafts.save('c', 'reply', body('ab'), 1);
  await drafts.flush();
  expect(sent).toMatchObject([{ body: body('a') }, { body: body('ab'), rev: 1 }]);
  expect(sent[0]).not.toHaveProperty('rev');
});

it('keeps both texts when another window saved something else', async () => {
  const refusal = { code: 'draft.changed', draft: draft('theirs', 7) };
  const { drafts, store } = made([answer(refusal, 409)]);
  drafts.save('c', 'reply', body('mine'), 1);
  await drafts.flush();
  expect(store.drafts.get(draftKey('c', 'reply'))).toMatchObject({
    body: body('mine'),
    theirs: body('theirs'),
    state: 'conflict',
    rev: 7,
  });
});
