/** Texts as nodes: spans become elements, addresses become links, nothing becomes markup. */

import type { ComponentChildren } from 'preact';
import type { Span } from './protocol.ts';

const ADDRESS = /(https?:\/\/[^\s<>"']*[^\s<>"'.,:;!?)\]}])/;
const SAFE = /^(https?:\/\/|mailto:)/i;
const TAGS = {
  bold: 'strong',
  italic: 'em',
  underline: 'u',
  strike: 's',
  code: 'code',
  pre: 'pre',
  quote: 'blockquote',
} as const;

/** Returns `text` with its formatted ranges; `start` and `end` of a span count code points. */
export function rich(text: string, spans: readonly Span[] = []): ComponentChildren[] {
  const points = [...text];
  const cuts = spans.flatMap((span) => [span.start, span.end]);
  const edges = [...new Set([0, ...cuts, points.length])]
    .filter((edge) => edge >= 0 && edge <= points.length)
    .sort((one, other) => one - other);
  return edges.slice(1).map((end, number) => {
    const start = edges[number]!;
    const over = spans.filter((span) => span.start <= start && span.end >= end);
    const part = points.slice(start, end).join('');
    const isLink = over.some((span) => span.kind === 'link');
    return over.reduce<ComponentChildren>(wrap, isLink ? part : linked(part));
  });
}

function wrap(inner: ComponentChildren, { kind, arg }: Span): ComponentChildren {
  if (kind === 'link') return arg && SAFE.test(arg) ? <Out to={arg}>{inner}</Out> : inner;
  const Tag = TAGS[kind as keyof typeof TAGS];
  return Tag ? <Tag>{inner}</Tag> : inner;
}

function linked(text: string): ComponentChildren {
  return text.split(ADDRESS).map((part, n) => (n % 2 ? <Out to={part}>{part}</Out> : part));
}

/** A link that leads away, and tells the other side nothing of this one. */
export function Out({ to, children }: { to: string; children: ComponentChildren }) {
  return (
    <a href={to} target="_blank" rel="noopener noreferrer nofollow ugc">
      {children}
    </a>
  );
}
