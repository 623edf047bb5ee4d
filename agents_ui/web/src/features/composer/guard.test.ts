import { expect, it } from 'vitest';
import { refusedBy } from '@/features/composer/guard';
import type { Pending } from '@/sync/types';
import { messageOf } from '@/test/samples';

const pending = (parts: Partial<Pending>): Pending => ({
  token: 't',
  conversation_id: 'conversation',
  body: { kind: 'reply', text: 'Da, putem', base_seq: 6, attachments: [], mention_ids: [] },
  at: 0,
  state: 'waiting',
  problem: null,
  ...parts,
});
const problem = (code: string, entries: unknown[] = []) => ({
  code,
  detail: '',
  members: { entries },
});

it('finds the refused answer, keeps its text and knows how far the agent has now seen', () => {
  const entries = [messageOf({ seq: 7 }), messageOf({ seq: 8 })];
  const held = pending({ state: 'refused', problem: problem('conversation.changed', entries) });
  expect(refusedBy([pending({}), held])).toEqual({
    token: 't',
    text: 'Da, putem',
    entries,
    seq: 8,
  });
});

it('takes no other refusal for a changed conversation', () => {
  expect(refusedBy([pending({ state: 'refused', problem: problem('forbidden') })])).toBeNull();
  expect(refusedBy([pending({ state: 'sending' })])).toBeNull();
});
