import { describe, expect, it } from 'vitest';
import { marked, readMarkup, wrapped } from './markup';

const ALL = { bold: 2, italic: 2, strike: 2, code: 2, link: 2 };

describe('formatting signs', () => {
  it('become ranges in code points', () => {
    expect(readMarkup('😀 **da** și _nu_', ALL)).toEqual({
      text: '😀 da și nu',
      spans: [
        { start: 2, end: 4, kind: 'bold' },
        { start: 8, end: 10, kind: 'italic' },
      ],
    });
  });

  it('nest, but not inside code', () => {
    expect(readMarkup('**a _b_** `_c_`', ALL)).toEqual({
      text: 'a b _c_',
      spans: [
        { start: 0, end: 3, kind: 'bold' },
        { start: 2, end: 3, kind: 'italic' },
        { start: 4, end: 7, kind: 'code' },
      ],
    });
  });

  it('make links of web addresses only', () => {
    expect(readMarkup('[oferta](https://punte.md/a_(1))', ALL)).toEqual({
      text: 'oferta',
      spans: [{ start: 0, end: 6, kind: 'link', arg: 'https://punte.md/a_(1)' }],
    });
    expect(readMarkup('[x](javascript:alert(1))', ALL).spans).toEqual([]);
  });

  it.each(['2 ** 3 ** 4', 'snake_case_name', 'card **** **** 1234', '_ _', '5*4', '~~~'])(
    'stay text in %s',
    (text) => expect(readMarkup(text, ALL)).toEqual({ text, spans: [] }),
  );

  it('stay text where the channel shows no formatting', () => {
    expect(readMarkup('**da**', { bold: -1 })).toEqual({ text: '**da**', spans: [] });
    expect(readMarkup('**da**', {})).toEqual({ text: '**da**', spans: [] });
  });

  it('come back when a sent text is changed', () => {
    const typed = '**a _b_** și [c](https://d.md) 😀 `e`';
    const { text, spans } = readMarkup(typed, ALL);
    expect(marked(text, spans)).toBe(typed);
  });
});

describe('the toolbar', () => {
  it('puts signs around what is selected, and takes them away', () => {
    const on = wrapped('spune da azi', 6, 8, 'bold');
    expect(on.text).toBe('spune **da** azi');
    expect(wrapped(on.text, on.start, on.end, 'bold').text).toBe('spune da azi');
  });

  it('asks for the half of a link that is missing', () => {
    expect(wrapped('vezi oferta', 5, 11, 'link')).toMatchObject({
      text: 'vezi [oferta](https://)',
      start: 22,
    });
    expect(wrapped('https://a.md', 0, 12, 'link')).toMatchObject({
      text: '[](https://a.md)',
      start: 1,
    });
  });
});
