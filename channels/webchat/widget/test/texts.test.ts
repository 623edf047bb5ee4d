import { expect, test } from 'vitest';
import en from '../app/locales/en.json';
import enMore from '../app/locales/en.more.json';
import ro from '../app/locales/ro.json';
import roMore from '../app/locales/ro.more.json';
import ru from '../app/locales/ru.json';
import ruMore from '../app/locales/ru.more.json';

type Words = Record<string, string>;
const holes = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(([hole]) => hole).sort();

test.each<[string, Words, Words]>([
  ['ro', en, ro],
  ['ru', en, ru],
  ['ro, forms', enMore, roMore],
  ['ru, forms', enMore, ruMore],
])('%s says everything that English says, with the same holes', (_, english, other) => {
  expect(Object.keys(other)).toEqual(Object.keys(english));
  for (const name of Object.keys(english)) {
    expect(holes(other[name]!), name).toEqual(holes(english[name]!));
  }
});

test('Romanian is written with commas, not cedillas', () => {
  expect(JSON.stringify({ ...ro, ...roMore })).not.toMatch(/[şţŞŢ]/);
});
