import { expect, test } from 'vitest';
import corpus from '../../../../tests/corpus/sms/segments.json';
import { count, plain, split, suggest } from '@/lib/sms';

test.each(corpus.cases)('counts as the hub does: $name', (one) => {
  expect(count(one.text)).toEqual({
    encoding: one.encoding,
    units: one.units,
    parts: one.parts.length,
    perPart: one.per_part,
    forcedBy: one.forced_by,
  });
  expect(split(one.text).map((part) => part.length)).toEqual(one.parts);
  expect(split(one.text).join('')).toBe(one.text);
  const { suggestion, suggestion_parts } = one;
  expect(suggest(one.text)).toEqual(
    suggestion === null ? null : { text: suggestion, parts: suggestion_parts },
  );
});

test('spells every letter as the hub does', () => {
  for (const [letter, spelled] of Object.entries(corpus.plain))
    expect([letter, plain(letter)]).toEqual([letter, spelled]);
});
