import { expect, test } from 'vitest';
import { contrast, inkOn, originsOf, snippetOf } from './look';

test('what is written on a colour is what can be read better', () => {
  expect(inkOn('#2563eb').ink).toBe('#ffffff');
  expect(inkOn('#ffdd00').ink).toBe('#000000');
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
});

test('origins may be pasted with commas, blanks and closing slashes', () => {
  expect(originsOf(' https://a.example/, https://b.example\n\n')).toEqual([
    'https://a.example',
    'https://b.example',
  ]);
});

test('the line for the site names the hub and the widget', () => {
  expect(snippetOf('https://hub.example', 'k1')).toBe(
    '<script async src="https://hub.example/w/loader.js" data-key="k1"></script>',
  );
});
