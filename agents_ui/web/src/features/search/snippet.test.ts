import { expect, it } from 'vitest';
import { parts } from '@/features/search/snippet';

it('reads the marks of a hit and keeps every other character', () => {
  expect(parts('o \u0002ofertă\u0003 <b>')).toEqual([
    { text: 'o ', hit: false },
    { text: 'ofertă', hit: true },
    { text: ' <b>', hit: false },
  ]);
});
