import { Fragment, useState, type ReactNode } from 'react';
import type { Span } from '@/api/types';
import { useT } from '@/ui/i18n';
import { linkify } from './linkify';
import { safeHref, spanTree, type Node } from './spans';
import css from './rich.module.css';

interface RichTextProps {
  text: string;
  spans?: readonly Span[] | undefined;
  /** Where `text` begins in the text the spans were made for, in code points. */
  from?: number;
}

/** A text with its formatting, built from elements of ours around plain text. */
export function RichText({ text, spans = NONE, from = 0 }: RichTextProps) {
  if (spans.length === 0) return <Plain text={text} />;
  return <Nodes nodes={spanTree(text, spans, from)} linked={false} />;
}

const NONE: readonly never[] = [];

function Nodes({ nodes, linked }: { nodes: readonly Node[]; linked: boolean }) {
  return nodes.map((node, at) =>
    typeof node !== 'string' ? (
      <Styled key={at} node={node} linked={linked} />
    ) : linked ? (
      <Fragment key={at}>{node}</Fragment>
    ) : (
      <Plain key={at} text={node} />
    ),
  );
}

function Plain({ text }: { text: string }) {
  return linkify(text).map((piece, at) =>
    piece.href === undefined ? (
      <Fragment key={at}>{piece.text}</Fragment>
    ) : (
      <a key={at} href={piece.href} target="_blank" rel="noreferrer noopener">
        {piece.text}
      </a>
    ),
  );
}

function Styled({ node, linked }: { node: Exclude<Node, string>; linked: boolean }) {
  const href = node.kind === 'link' ? safeHref(node.arg) : null;
  const verbatim = node.kind === 'code' || node.kind === 'pre';
  const inner = <Nodes nodes={node.children} linked={linked || href !== null || verbatim} />;
  switch (node.kind) {
    case 'bold':
      return <strong>{inner}</strong>;
    case 'italic':
      return <em>{inner}</em>;
    case 'underline':
      return <u>{inner}</u>;
    case 'strike':
      return <s>{inner}</s>;
    case 'code':
      return <code className={css.code}>{inner}</code>;
    case 'pre':
      return <code className={css.pre}>{inner}</code>;
    case 'quote':
      return <span className={css.quote}>{inner}</span>;
    case 'mention':
      return <span className={css.mention}>{inner}</span>;
    case 'spoiler':
      return <Spoiler>{inner}</Spoiler>;
    case 'link':
      return href === null || linked ? (
        inner
      ) : (
        <a href={href} title={href} target="_blank" rel="noreferrer noopener">
          {inner}
        </a>
      );
    default:
      return inner;
  }
}

/** What the writer wanted covered until it is asked for. */
function Spoiler({ children }: { children: ReactNode }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  if (open) return <span>{children}</span>;
  return (
    <button type="button" className={css.spoiler} onClick={() => setOpen(true)}>
      <span className="visually-hidden">{t('chat.spoiler')}</span>
      <span aria-hidden>{children}</span>
    </button>
  );
}
