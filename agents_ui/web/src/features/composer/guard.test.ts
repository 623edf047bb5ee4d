import { expect, it } from 'vitest';
import { addedAfter, refusedBy } from '@/features/composer/guard';
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

it('counts as unseen what others wrote in public, not what the agent wrote', () => {
  const agent = (id: string) => ({ kind: 'agent' as const, id, name: id, address: null });
  const messages = [
    messageOf({ seq: 1 }),
    messageOf({ seq: 2, kind: 'outbound', author: agent('ana') }),
    messageOf({ seq: 3, kind: 'note', visibility: 'internal', author: agent('ion') }),
    messageOf({ seq: 4, kind: 'outbound', author: agent('ion') }),
  ];
  expect(addedAfter(messages, 1, 'ana').map(({ seq }) => seq)).toEqual([4]);
});
