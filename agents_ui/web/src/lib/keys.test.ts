import { expect, test } from 'vitest';
import { chord, matches, type KeyPress } from './keys';

const press = (key: string, code: string, mods: Partial<KeyPress> = {}): KeyPress => ({
  key,
  code,
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...mods,
});

test.each([
  ['j', press('j', 'KeyJ')],
  ['j', press('о', 'KeyJ')],
  ['mod+k', press('л', 'KeyK', { ctrlKey: true })],
  ['mod+k', press('k', 'KeyK', { metaKey: true })],
  ['shift+a', press('Ф', 'KeyA', { shiftKey: true })],
  ['?', press('?', 'Slash', { shiftKey: true })],
  ['?', press('?', 'Minus', { shiftKey: true })],
  ['[', press('х', 'BracketLeft')],
  ['[', press('ă', 'BracketLeft')],
  ['/', press('/', 'Slash')],
  ['escape', press('Escape', 'Escape')],
  ['alt+1', press('1', 'Digit1', { altKey: true })],
])('%s is pressed', (keys, event) => {
  expect(matches(event, chord(keys))).toBe(true);
});

test.each([
  ['a', press('A', 'KeyA', { shiftKey: true })],
  ['k', press('k', 'KeyK', { ctrlKey: true })],
  ['j', press('k', 'KeyK')],
  // A French keyboard: the letter counts, not the place, where the layout is Latin.
  ['q', press('a', 'KeyQ')],
])('%s is not pressed', (keys, event) => {
  expect(matches(event, chord(keys))).toBe(false);
});
