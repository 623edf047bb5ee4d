import { expect, it } from 'vitest';
import { sayEntry } from '@/entities/message/sayEntry';
import { entryOf } from '@/test/samples';

const names = {
  agent: (id: string) => ({ ana: 'Ana', ion: 'Ion' })[id],
  team: () => 'Sales',
  tag: (id: string) => id.toUpperCase(),
};

it.each([
  [{ type: 'assigned', data: { from: null, to: 'ion' } }, 'Ana assigned this to Ion'],
  [{ type: 'assigned', data: { from: null, to: 'ana' } }, 'Ana took this'],
  [{ type: 'status', data: { from: 'open', to: 'closed' } }, 'Ana closed this'],
  [
    { type: 'tags', data: { added: ['vip', 'b2b'], removed: [] } },
    'Ana added the tags VIP and B2B',
  ],
  [{ type: 'team', data: { from: null, to: 's' } }, 'Ana moved this to Sales'],
])('says %o in a sentence', (parts, sentence) => {
  expect(sayEntry(entryOf(parts), names)).toBe(sentence);
});

it('names what it has no sentence for', () => {
  expect(sayEntry(entryOf({ type: 'teleported' }), names)).toContain('teleported');
});
