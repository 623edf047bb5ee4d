/**
 * How many text messages a text is, and how to make it fewer, without asking the hub at every key.
 *
 * The same rules as `channels/sms/gsm.py`, held to them by `tests/corpus/sms/segments.json`.
 * Sources: 3GPP TS 23.038 section 6.2.1 (the alphabet), TS 23.040 section 9.2.3.24.1 (a part's
 * header takes 7 septets or 3 UTF-16 units).
 */

export type Encoding = 'gsm7' | 'ucs2';

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?' +
    '¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Two septets each, an escape and the character; a part never ends between them. */
const EXTENSION = new Set('\f^{}\\[~]|€');

const ALONE: Record<Encoding, number> = { gsm7: 160, ucs2: 70 };
const JOINED: Record<Encoding, number> = { gsm7: 153, ucs2: 67 };

/** What stands for what: all letters of the first text become the second. */
const PLAIN: readonly (readonly [string, string])[] = [
  ['ăâ', 'a'],
  ['î', 'i'],
  ['șş', 's'],
  ['țţ', 't'],
  ['ĂÂ', 'A'],
  ['Î', 'I'],
  ['ȘŞ', 'S'],
  ['ȚŢ', 'T'],
  ['…', '...'],
  ['„“”‟«»″', '"'],
  ['‘’‚‛‹›′ʼ', "'"],
  ['‐‑‒–—―−•', '-'],
  [
    '\u0009\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000',
    ' ',
  ],
  ['\u00ad\u200b\u200c\u200e\u200f\u2060\ufeff', ''],
];
const SPELLING = new Map(
  PLAIN.flatMap(([letters, plain]) => Array.from(letters, (letter) => [letter, plain] as const)),
);

export interface Counted {
  encoding: Encoding;
  /** Septets, or UTF-16 units, in all parts together. */
  units: number;
  /** Messages that are paid for; 0 when there is no text. */
  parts: number;
  /** Units that go into one of that many parts. */
  perPart: number;
  /** The first character outside the GSM alphabet. */
  forcedBy: string | null;
}

export function count(text: string): Counted {
  const { encoding, forcedBy } = encodingOf(text);
  let units = 0;
  for (const letter of text) units += widthOf(letter, encoding);
  const perPart = units <= ALONE[encoding] ? ALONE[encoding] : JOINED[encoding];
  return { encoding, units, parts: split(text).length, perPart, forcedBy };
}

/** The texts of the parts. */
export function split(text: string): string[] {
  const { encoding } = encodingOf(text);
  let whole = 0;
  for (const letter of text) whole += widthOf(letter, encoding);
  if (whole <= ALONE[encoding]) return text === '' ? [] : [text];
  const parts: string[] = [];
  let part = '';
  let used = 0;
  for (const letter of text) {
    const width = widthOf(letter, encoding);
    if (used + width > JOINED[encoding]) {
      parts.push(part);
      part = '';
      used = 0;
    }
    part += letter;
    used += width;
  }
  return [...parts, part];
}

/** The text in plain spellings; letters of other scripts stay as they are. */
export function plain(text: string): string {
  return Array.from(text.normalize('NFC'), (letter) => SPELLING.get(letter) ?? letter).join('');
}

/** A plain spelling that takes fewer parts, when there is one. */
export function suggest(text: string): { text: string; parts: number } | null {
  const spelled = plain(text);
  const { parts } = count(spelled);
  return parts < count(text).parts ? { text: spelled, parts } : null;
}

function encodingOf(text: string): { encoding: Encoding; forcedBy: string | null } {
  for (const letter of text) {
    if (!BASIC.has(letter) && !EXTENSION.has(letter)) return { encoding: 'ucs2', forcedBy: letter };
  }
  return { encoding: 'gsm7', forcedBy: null };
}

function widthOf(letter: string, encoding: Encoding): number {
  if (encoding === 'ucs2') return letter.length;
  return EXTENSION.has(letter) ? 2 : 1;
}
