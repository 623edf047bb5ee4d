import { describe, expect, it } from 'vitest';
import {
  compare,
  hasOthers,
  isMailAddress,
  known,
  readAddresses,
  replyLines,
} from '@/features/composer/recipients';
import { messageOf } from '@/test/samples';
import type { Recipient } from '@/api/types';

const OWN = ['sales@punte.md'];
const line = (role: Recipient['role'], value: string): Recipient => ({
  role,
  kind: 'email',
  value,
  display: null,
});
const mail = messageOf({
  recipients: [
    line('to', 'Sales@Punte.md'),
    line('to', 'partner@firma.md'),
    line('cc', 'contabil@rusu.md'),
  ],
});
const values = (lines: readonly Recipient[]) => lines.map(({ role, value }) => `${role}:${value}`);

describe('recipients of an answer', () => {
  it('goes to the author alone, and to everybody but ourselves on reply-all', () => {
    expect(values(replyLines(mail, OWN, false))).toEqual(['to:ion@rusu.md']);
    expect(values(replyLines(mail, OWN, true))).toEqual([
      'to:ion@rusu.md',
      'cc:partner@firma.md',
      'cc:contabil@rusu.md',
    ]);
    expect(hasOthers(mail, OWN)).toBe(true);
  });

  it('follows Reply-To', () => {
    const list = { ...mail, recipients: [{ ...line('to', 'list@x.md'), role: 'reply_to' }] };
    expect(values(replyLines(list, OWN, false))).toEqual(['to:list@x.md']);
  });

  it('answers our own message to whom it went', () => {
    const ours = messageOf({
      kind: 'outbound',
      author: { kind: 'agent', id: 'a', name: 'Ana', address: 'sales@punte.md' },
      recipients: [line('to', 'ion@rusu.md'), line('cc', 'contabil@rusu.md')],
    });
    expect(values(replyLines(ours, OWN, true))).toEqual(['to:ion@rusu.md', 'cc:contabil@rusu.md']);
  });

  it('names who is new and who is left out', () => {
    const before = known([mail], OWN);
    expect(before).toEqual(['ion@rusu.md', 'partner@firma.md', 'contabil@rusu.md']);
    const now = [line('to', 'ION@rusu.md'), line('cc', 'ion@rvsu.md')];
    const difference = compare(now, before, replyLines(mail, OWN, true));
    expect(difference.added.map(({ value }) => value)).toEqual(['ion@rvsu.md']);
    expect(difference.dropped).toEqual(['partner@firma.md', 'contabil@rusu.md']);
  });

  it('reads pasted addresses and loses nothing that is none', () => {
    const read = readAddresses('"Rusu, Ana" <ana@rusu.md>; ion@rusu.md petru\nоля@почта.рф');
    expect(read.found).toEqual([
      { kind: 'email', value: 'ana@rusu.md', display: 'Rusu, Ana' },
      { kind: 'email', value: 'ion@rusu.md', display: null },
      { kind: 'email', value: 'оля@почта.рф', display: null },
    ]);
    expect(read.rest).toBe('petru');
  });

  it.each(['a@b', 'a b@c.md', '@c.md', 'a@c.md>', ''])('takes "%s" for no address', (text) => {
    expect(isMailAddress(text)).toBe(false);
  });
});
