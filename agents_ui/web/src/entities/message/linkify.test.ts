import { expect, it } from 'vitest';
import { linkify } from '@/entities/message/linkify';

const links = (text: string) => linkify(text).filter((piece) => piece.href);

it('finds web and mail addresses and leaves the sentence around them alone', () => {
  const text = 'Vezi https://punte.md/a?b=1, www.ex.md. (sau ana@ex.md)';
  expect(links(text)).toEqual([
    { text: 'https://punte.md/a?b=1', href: 'https://punte.md/a?b=1' },
    { text: 'www.ex.md', href: 'https://www.ex.md' },
    { text: 'ana@ex.md', href: 'mailto:ana@ex.md' },
  ]);
  expect(
    linkify(text)
      .map((piece) => piece.text)
      .join(''),
  ).toBe(text);
});

it('keeps a bracket that belongs to the address', () => {
  expect(links('https://ro.wikipedia.org/wiki/Orhei_(oraș)')[0]?.text).toBe(
    'https://ro.wikipedia.org/wiki/Orhei_(oraș)',
  );
});

it('makes no link of a script address', () => {
  expect(links('javascript:alert(1) data:text/html,x file:///etc/passwd')).toEqual([]);
});
