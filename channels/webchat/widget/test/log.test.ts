import { expect, test } from 'vitest';
import { add, EMPTY, isGap, pend, prepend, settle, type Pending } from '../app/log.ts';
import type { Amend, Msg } from '../app/protocol.ts';

const message = (seq: number, more: Partial<Msg> = {}): Msg => ({
  t: 'msg',
  seq,
  id: `m${seq}`,
  dir: 'out',
  at: seq,
  text: `text ${seq}`,
  ...more,
});
const pending = (cid: string): Pending => ({
  cid,
  text: 'hi',
  files: [],
  at: 1,
  state: 'sending',
  reason: '',
});
const amend = (seq: number, id: string, more: Partial<Amend>): Amend => ({
  t: 'amend',
  seq,
  id,
  at: seq,
  ...more,
});

test('an entry that comes twice is there once', () => {
  const log = add(add(EMPTY, message(1)), message(1));
  expect(log.items).toHaveLength(1);
});

test('a missing number is a gap, the next one is none', () => {
  const log = add(EMPTY, message(1));
  expect(isGap(log, message(3))).toBe(true);
  expect(isGap(log, message(2))).toBe(false);
});

test('our own message takes the place of what was on its way', () => {
  const sent = settle(pend(EMPTY, pending('c1')), 'c1', 'sent');
  const log = add(sent, message(1, { dir: 'in', cid: 'c1' }));
  expect(log.pending).toEqual([]);
  expect(log.items).toHaveLength(1);
});

test('a second try of a refused message takes the place of the first', () => {
  const log = pend(settle(pend(EMPTY, pending('c1')), 'c1', 'failed', 'blocked'), pending('c1'));
  expect(log.pending).toEqual([pending('c1')]);
});

test('an amendment changes its message; a deletion leaves nothing of it', () => {
  let log = add(add(EMPTY, message(1)), amend(2, 'm1', { text: 'new' }));
  expect(log.items[0]).toMatchObject({ text: 'new', edited: true });
  log = add(log, amend(3, 'm1', { deleted: true }));
  expect(log.items[0]).toMatchObject({ text: '', deleted: true });
  expect(log.seq).toBe(3);
});

test('an amendment of a message that was not fetched yet waits for it', () => {
  const begun = { ...EMPTY, seq: 2, start: 2 };
  const log = add(begun, amend(3, 'm2', { text: 'new' }));
  const whole = prepend(log, 3, [message(1), message(2)]);
  expect(whole.items.map((item) => item.id)).toEqual(['m1', 'm2']);
  expect(whole.items[1]).toMatchObject({ text: 'new' });
  expect(whole.start).toBe(0);
});
