import { describe, expect, it } from 'vitest';
import { cleanPaste, continueList, mentionAt, mentionedIn } from '@/features/composer/editing';
import { promisedAttachment } from '@/features/composer/forgotten';

const enter = (text: string) => continueList({ text, start: text.length, end: text.length })?.text;

describe('editing', () => {
  it('goes on with a list and ends it on an empty item', () => {
    expect(enter('- unu')).toBe('- unu\n- ');
    expect(enter('9. nouă')).toBe('9. nouă\n10. ');
    expect(enter('  2) doi')).toBe('  2) doi\n  3) ');
    expect(enter('- unu\n- ')).toBe('- unu\n');
    expect(enter('fără listă')).toBeUndefined();
  });

  it('takes office litter out of pasted text', () => {
    expect(cleanPaste('a\u00a0b\r\n·\tpunct\u200b \r\n\r\n\r\n\r\nc')).toBe('a b\n- punct\n\nc');
  });

  it('knows a mention from a mail address', () => {
    expect(mentionAt('salut @An', 9)).toEqual({ from: 6, query: 'An' });
    expect(mentionAt('ana@punte', 9)).toBeNull();
    const people = [
      { id: '1', name: 'Ana Rusu' },
      { id: '2', name: 'Ion' },
    ];
    expect(mentionedIn('@ana rusu vezi', people)).toEqual(['1']);
  });

  it.each([
    ['See the attached file', true],
    ['Vă atașez factura', true],
    ['in anexa gasiti contractul', true],
    ['Счёт во вложении', true],
    ['Прикрепляю договор', true],
    ['> I attached it last week\nMulțumesc', false],
    ['Не привязывайтесь', false],
    ['O pată pe haină', false],
  ])('"%s" promises an attachment: %s', (text, expected) => {
    expect(promisedAttachment(text) !== null).toBe(expected);
  });
});
