/** A text with its selection, as a textarea has it. */
export interface Edit {
  text: string;
  start: number;
  end: number;
}

const ITEM = /^(\s*)([-*•]|(\d{1,3})([.)]))(\s+)(.*)$/;

/**
 * What Enter does inside a list: the next item begins, and Enter on an empty item ends the list.
 * Null when the caret is in no list, so that the browser's own Enter applies.
 */
export function continueList({ text, start, end }: Edit): Edit | null {
  if (start !== end) return null;
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const item = ITEM.exec(text.slice(from, start));
  if (!item) return null;
  const [, indent = '', bullet = '', number, mark = '', space = ' ', body = ''] = item;
  if (body.trim() === '') return splice(text, from, start, '');
  const next = number === undefined ? bullet : `${Number(number) + 1}${mark}`;
  return splice(text, start, start, `\n${indent}${next}${space}`);
}

/** Put `insert` in the place of a range and leave the caret after it. */
export function splice(text: string, from: number, to: number, insert: string): Edit {
  const at = from + insert.length;
  return { text: text.slice(0, from) + insert + text.slice(to), start: at, end: at };
}

/**
 * Pasted text without what office programs leave in it: soft hyphens, zero-width marks, no-break
 * spaces, Windows line ends, tables' tabs at line ends, and more than one empty line.
 */
export function cleanPaste(text: string): string {
  return text
    .replace(/\r\n?|\u2028|\u2029/g, '\n')
    .replace(/\u00a0|\u202f|\u2007/g, ' ')
    .replace(/[\u00ad\u200b\u2060\ufeff]/g, '')
    .replace(/^[ \t]*[·•▪◦§][ \t]+/gm, '- ')
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n');
}

/** A mention being typed: the `@` and what follows it up to the caret. */
export interface MentionQuery {
  from: number;
  query: string;
}

/** The mention under the caret, or null. An `@` inside a word is a mail address, no mention. */
export function mentionAt(text: string, caret: number): MentionQuery | null {
  const found = /(?:^|[\s(])@([\p{L}\p{N}._-]*(?: [\p{L}\p{N}._-]*)?)$/u.exec(
    text.slice(Math.max(0, caret - 48), caret),
  );
  if (!found) return null;
  const query = found[1] ?? '';
  return { from: caret - query.length - 1, query };
}

/** Ids of the people whose `@Name` stands in the text. */
export function mentionedIn(
  text: string,
  people: readonly { id: string; name: string }[],
): string[] {
  const rest = text.toLocaleLowerCase();
  return people
    .filter(({ name }) => name !== '' && rest.includes(`@${name.toLocaleLowerCase()}`))
    .map(({ id }) => id);
}
