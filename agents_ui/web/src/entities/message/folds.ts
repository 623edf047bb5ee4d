/** A stretch of a message's text: shown as it is, folded behind a button, or shown as a part. */
export interface Segment {
  kind: 'text' | 'quote' | 'signature' | 'part';
  text: string;
  /** Where it begins in the whole text, in code points. */
  start: number;
}

export interface Range {
  start: number;
  end: number;
  kind: string;
}

/**
 * Cut a text along its folds. The hub counts in code points and a browser in UTF-16 units, so
 * the text is cut as an array of code points; ranges that overlap or stick out are clamped, for
 * a wrong fold may hide nothing.
 */
export function segments(text: string, folds: readonly Range[]): Segment[] {
  if (folds.length === 0) return text === '' ? [] : [{ kind: 'text', text, start: 0 }];
  const points = Array.from(text);
  const cut: Segment[] = [];
  const add = (kind: Segment['kind'], from: number, to: number) => {
    const whole = points.slice(from, to).join('');
    const piece = whole.replace(LEADING, '');
    const start = from + Array.from(whole).length - Array.from(piece).length;
    const shown = piece.replace(/\s+$/, '');
    if (shown !== '') cut.push({ kind, text: shown, start });
  };
  let at = 0;
  for (const fold of [...folds].sort((a, b) => a.start - b.start)) {
    const start = Math.max(at, fold.start);
    const end = Math.min(points.length, fold.end);
    if (end <= start) continue;
    add('text', at, start);
    add(fold.kind === 'signature' || fold.kind === 'part' ? fold.kind : 'quote', start, end);
    at = end;
  }
  add('text', at, points.length);
  return cut;
}

const LEADING = /^(?:[ \t]*\r?\n)+/;

/** The signature of a message of ours, which no parser has looked at. */
export function signatureFold(text: string): Range[] {
  const at = text.lastIndexOf('\n-- \n');
  if (at < 0) return [];
  const start = Array.from(text.slice(0, at + 1)).length;
  return [{ start, end: start + Array.from(text.slice(at + 1)).length, kind: 'signature' }];
}
