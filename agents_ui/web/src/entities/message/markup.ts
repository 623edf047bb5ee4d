/**
 * Formatting typed as signs, as in every messenger: `**bold**`, `_italic_`, `~~struck~~`,
 * `` `code` `` and `[words](https://…)`. The signs are what is edited and kept as a draft; what
 * is sent is plain text and ranges, so that each channel writes its own markup.
 */

import type { Level, Span } from '@/api/types';

interface Rule {
  kind: Span['kind'];
  pattern: RegExp;
  /** Its content may hold further signs. */
  open: boolean;
}

/** A sign counts only around words: `2 ** 3 ** 4` and `snake_case_name` stay as they are. */
const RULES: readonly Rule[] = [
  { kind: 'code', pattern: /`([^`\n]+)`/u, open: false },
  {
    kind: 'link',
    pattern: /\[([^\]\n]+)\]\((https?:\/\/[^\s()]+(?:\([^\s()]*\)[^\s()]*)*)\)/u,
    open: true,
  },
  {
    kind: 'bold',
    pattern: /(?<![\p{L}\p{N}*])\*\*(?=[^\s*])([^\n]*?[^\s*])\*\*(?![\p{L}\p{N}*])/u,
    open: true,
  },
  {
    kind: 'strike',
    pattern: /(?<![\p{L}\p{N}~])~~(?=[^\s~])([^\n]*?[^\s~])~~(?![\p{L}\p{N}~])/u,
    open: true,
  },
  {
    kind: 'italic',
    pattern: /(?<![\p{L}\p{N}_])_(?=[^\s_])([^\n]*?[^\s_])_(?![\p{L}\p{N}_])/u,
    open: true,
  },
];

export interface Formatted {
  text: string;
  spans: Span[];
}

/** Read the signs a channel can show as formatting; all others stay text. */
export function readMarkup(text: string, formatting: Record<string, Level>): Formatted {
  const rules = RULES.filter(({ kind }) => (formatting[kind] ?? -1) > 0);
  const spans: Span[] = [];
  const plain = read(text, rules, 0, spans);
  return { text: plain, spans };
}

function read(text: string, rules: readonly Rule[], from: number, into: Span[]): string {
  let first: { rule: Rule; found: RegExpExecArray } | null = null;
  for (const rule of rules) {
    const found = rule.pattern.exec(text);
    if (found && (first === null || found.index < first.found.index)) first = { rule, found };
  }
  if (first === null) return text;
  const { rule, found } = first;
  const before = text.slice(0, found.index);
  const start = from + length(before);
  const at = into.length;
  const content = found[1] ?? '';
  const inner = rule.open
    ? read(
        content,
        rules.filter((other) => other !== rule),
        start,
        into,
      )
    : content;
  const end = start + length(inner);
  into.splice(at, 0, {
    start,
    end,
    kind: rule.kind,
    ...(rule.kind === 'link' ? { arg: found[2] ?? '' } : {}),
  });
  const after = read(text.slice(found.index + found[0].length), rules, end, into);
  return before + inner + after;
}

const length = (text: string): number => Array.from(text).length;

const SIGNS: Record<string, string> = { bold: '**', italic: '_', strike: '~~', code: '`' };

/** A formatted text with its signs, for changing it. */
export function marked(text: string, spans: readonly Span[]): string {
  const points = Array.from(text);
  const before = new Map<number, string>();
  const after = new Map<number, string>();
  const outerFirst = spans.toSorted((a, b) => a.start - b.start || b.end - a.end);
  for (const { start, end, kind, arg } of outerFirst) {
    const [opens, closes] =
      kind === 'link' ? ['[', `](${arg ?? ''})`] : [SIGNS[kind] ?? '', SIGNS[kind] ?? ''];
    before.set(start, (before.get(start) ?? '') + opens);
    after.set(end, closes + (after.get(end) ?? ''));
  }
  const made = points.map((point, at) => (after.get(at) ?? '') + (before.get(at) ?? '') + point);
  return made.join('') + (after.get(points.length) ?? '');
}

/** Put signs around a selection, or take them away when they are there. */
export function wrapped(
  text: string,
  start: number,
  end: number,
  kind: string,
): { text: string; start: number; end: number; insert: string; from: number; to: number } {
  const chosen = text.slice(start, end);
  const sign = SIGNS[kind] ?? '';
  const around = text.slice(start - sign.length, start) === sign;
  if (kind !== 'link' && around && text.slice(end, end + sign.length) === sign) {
    const from = start - sign.length;
    return put(text, from, end + sign.length, chosen, from, from + chosen.length);
  }
  if (kind === 'link') {
    const isAddress = /^https?:\/\/\S+$/.test(chosen);
    const insert = isAddress ? `[](${chosen})` : `[${chosen}](https://)`;
    const caret = isAddress ? start + 1 : start + insert.length - 1;
    return put(text, start, end, insert, caret, caret);
  }
  const insert = sign + chosen + sign;
  return put(text, start, end, insert, start + sign.length, end + sign.length);
}

function put(text: string, from: number, to: number, insert: string, start: number, end: number) {
  return { text: text.slice(0, from) + insert + text.slice(to), start, end, insert, from, to };
}
