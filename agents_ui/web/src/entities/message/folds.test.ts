import { describe, expect, it } from 'vitest';
import { segments } from '@/entities/message/folds';

describe('folds', () => {
  it('cuts a text into what is shown and what is folded', () => {
    const text = 'Bună ziua\n\n> vechi\n> text\n-- \nAna';
    const quote = text.indexOf('>');
    const sign = text.indexOf('-- ');
    expect(
      segments(text, [
        { start: quote, end: sign, kind: 'quote' },
        { start: sign, end: text.length, kind: 'signature' },
      ]),
    ).toMatchObject([
      { kind: 'text', text: 'Bună ziua', start: 0 },
      { kind: 'quote', text: '> vechi\n> text', start: quote },
      { kind: 'signature', text: '-- \nAna' },
    ]);
  });

  it('counts in code points as the hub does, not in UTF-16 units', () => {
    const text = '👍👍 mersi\n> quoted';
    const start = Array.from('👍👍 mersi\n').length;
    const cut = segments(text, [{ start, end: Array.from(text).length, kind: 'quote' }]);
    expect(cut.map((part) => part.text)).toEqual(['👍👍 mersi', '> quoted']);
  });

  it('never loses text to a fold that overlaps another or sticks out', () => {
    const cut = segments('abcdef', [
      { start: 4, end: 99, kind: 'quote' },
      { start: 2, end: 5, kind: 'quote' },
    ]);
    expect(cut.map((part) => part.text).join('')).toBe('abcdef');
  });
});
