/** Formatted ranges of a text as a tree that can be shown: no markup is ever parsed. */

import type { Span } from '@/api/types';

/** A piece of text, or a range with what is inside it. */
export type Node = string | { kind: string; arg: string | null; children: Node[] };

/** More ranges than any person makes; a text with more of them is shown with the first ones. */
const MOST = 400;

/**
 * Cut a text along its spans. Spans come in code points; ranges that overlap are cut at each
 * other's ends, those that stick out are clamped.
 *
 * `from` is where `text` begins in the text the spans were made for.
 */
export function spanTree(text: string, spans: readonly Span[], from = 0): Node[] {
  const points = Array.from(text);
  const within = spans
    .slice(0, MOST)
    .map((span) => ({ ...span, start: span.start - from, end: span.end - from }))
    .filter(({ start, end }) => end > 0 && start < points.length && end > start);
  return nest(points, 0, points.length, within);
}

function nest(points: readonly string[], from: number, to: number, spans: Span[]): Node[] {
  const made: Node[] = [];
  let waiting = spans.toSorted(outerFirst);
  let at = from;
  for (let span = waiting.shift(); span; span = waiting.shift()) {
    const start = Math.max(span.start, at);
    const end = Math.min(span.end, to);
    if (end <= start) continue;
    if (start > at) made.push(points.slice(at, start).join(''));
    const inner = waiting
      .filter((other) => other.start < end)
      .map((other) => ({ ...other, end: Math.min(other.end, end) }));
    const children = nest(points, start, end, inner);
    made.push({ kind: span.kind, arg: span.arg ?? null, children });
    waiting = waiting
      .filter((other) => other.end > end)
      .map((other) => ({ ...other, start: Math.max(other.start, end) }))
      .sort(outerFirst);
    at = end;
  }
  if (at < to) made.push(points.slice(at, to).join(''));
  return made;
}

const outerFirst = (a: Span, b: Span): number => a.start - b.start || b.end - a.end;

/** The address of a link when it is one a reader may be led to, else null. */
export function safeHref(href: string | null): string | null {
  return href !== null && /^(?:https?:\/\/|mailto:|tel:)/i.test(href) ? href : null;
}
