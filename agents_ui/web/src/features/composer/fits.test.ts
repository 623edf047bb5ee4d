import { expect, it } from 'vitest';
import { capsOf } from '@/test/samples';
import { messagesOf, misfits } from './fits';

const file = (mime: string, size = 10) => ({ blob: 'b', filename: 'a', mime, size });

it('finds a text that is too long for a channel that splits none', () => {
  const caps = capsOf({ text_max: 3, text_unit: 'codepoints', text_split: false });
  expect(misfits(caps, '😀😀😀', [])).toEqual([]);
  expect(misfits(caps, 'abcde', [])).toEqual([{ kind: 'too_long', by: 2 }]);
});

it('counts text messages in parts', () => {
  const caps = capsOf({ text_max: 2, text_unit: 'sms_segments', text_split: false, media: {} });
  expect(misfits(caps, 'a'.repeat(306), [])).toEqual([]);
  expect(misfits(caps, 'a'.repeat(307), [])).toEqual([{ kind: 'too_many_parts', max: 2 }]);
});

it('says of files what a channel does with them', () => {
  const media = { image: { max_bytes: 100, max_caption: 0, per_message: 1, mimes: ['image/*'] } };
  const caps = capsOf({ media });
  expect(misfits(caps, '', [file('image/png')])).toEqual([]);
  expect(misfits(caps, '', [file('image/png', 101)])).toEqual([
    { kind: 'file_too_big', name: 'a', max: 100 },
  ]);
  expect(misfits(caps, '', [file('application/pdf')])).toEqual([
    { kind: 'no_such_file', name: 'a' },
  ]);
  expect(misfits(capsOf({ media: {} }), '', [file('image/png')])).toEqual([{ kind: 'no_files' }]);
});

it('says in how many messages a long text goes', () => {
  const caps = capsOf({ text_max: 4096, text_unit: 'utf16', text_split: true });
  expect(messagesOf(caps, 'a'.repeat(4096))).toBe(1);
  expect(messagesOf(caps, 'a'.repeat(4097))).toBe(2);
});
