import { render } from 'preact';
import { expect, test } from 'vitest';
import { inkOn } from '../app/color.ts';
import type { Span } from '../app/protocol.ts';
import { rich } from '../app/rich.tsx';

function drawn(text: string, spans: Span[] = []): HTMLElement {
  const place = document.createElement('div');
  render(<>{rich(text, spans)}</>, place);
  return place;
}

test('markup in a text is text', () => {
  const text = '<img src=x onerror=alert(1)> & <b>no</b>';
  expect(drawn(text).textContent).toBe(text);
  expect(drawn(text).children).toHaveLength(0);
});

test('spans count code points, and may lie in each other', () => {
  const spans = [
    { start: 2, end: 9, kind: 'bold' },
    { start: 7, end: 9, kind: 'italic' },
  ];
  const place = drawn('👋 bold it', spans);
  expect(place.textContent).toBe('👋 bold it');
  expect([...place.querySelectorAll('strong')].map((each) => each.textContent).join('')).toBe(
    'bold it',
  );
  expect(place.querySelector('em')?.textContent).toBe('it');
});

test('an address becomes a link that tells nothing, without the full stop behind it', () => {
  const link = drawn('See https://shop.example/a?b=1.').querySelector('a')!;
  expect(link.getAttribute('href')).toBe('https://shop.example/a?b=1');
  expect(link.rel).toBe('noopener noreferrer nofollow ugc');
});

test.each(['javascript:alert(1)', 'data:text/html,x', 'vbscript:x', '//x'])(
  'a link to %s is only its text',
  (arg) => {
    const place = drawn('here', [{ start: 0, end: 4, kind: 'link', arg }]);
    expect(place.querySelector('a')).toBeNull();
    expect(place.textContent).toBe('here');
  },
);

test('spans outside the text and unknown ones do no harm', () => {
  const spans = [
    { start: -3, end: 99, kind: 'bold' },
    { start: 0, end: 2, kind: 'sparkle' },
  ];
  expect(drawn('hello', spans).textContent).toBe('hello');
});

test('what is written on a colour can be read', () => {
  expect(inkOn('#2563eb')).toBe('#fff');
  expect(inkOn('#ffdd00')).toBe('#000');
});
