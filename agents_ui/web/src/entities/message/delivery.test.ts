import { expect, it } from 'vitest';
import { outcomeOf, startsIn } from '@/entities/message/delivery';
import { deliveryOf, messageOf } from '@/test/samples';

const NOW = Date.parse('2026-11-24T10:00:00Z');
const sent = (...deliveries: Parameters<typeof deliveryOf>[0][]) =>
  messageOf({ kind: 'outbound', deliveries: deliveries.map(deliveryOf) });

it('says failed while nine of ten recipients got their copy', () => {
  expect(outcomeOf(sent({ state: 'delivered' }, { state: 'failed' }), NOW)).toBe('failed');
});

it('tells the undo window from a time the agent chose', () => {
  const soon = sent({ state: 'queued', not_before: '2026-11-24T10:00:10Z' });
  const later = sent({ state: 'queued', not_before: '2026-11-25T09:00:00Z' });
  expect([outcomeOf(soon, NOW), outcomeOf(later, NOW)]).toEqual(['held', 'scheduled']);
  expect(startsIn(soon, NOW)).toBe(10_000);
});

it('is queued once the undo window is over', () => {
  const late = sent({ state: 'queued', not_before: '2026-11-24T09:59:50Z' });
  expect(outcomeOf(late, NOW)).toBe('queued');
});

it('claims nothing about a note or about a mail that came in', () => {
  expect(outcomeOf(messageOf(), NOW)).toBe('none');
});
