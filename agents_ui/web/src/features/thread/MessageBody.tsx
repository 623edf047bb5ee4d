import { IconDots } from '@tabler/icons-react';
import { useId, useState } from 'react';
import type { Message, Span } from '@/api/types';
import { segments, signatureFold, type Segment } from '@/entities/message/folds';
import { RichText } from '@/entities/message/RichText';
import { useT } from '@/ui/i18n';
import { HtmlBody } from './HtmlBody';
import css from './message.module.css';

/** What was said: HTML mail in its own sealed frame, everything else as our own text. */
export function MessageBody({ message }: { message: Message }) {
  if (message.has_html) return <HtmlBody message={message} />;
  if (message.text.trim() === '') return null;
  const ours = message.kind === 'outbound' && message.folds.length === 0;
  const folds = ours ? signatureFold(message.text) : message.folds;
  const parts = message.parts.filter(({ start, end }) => end > start);
  const ranges = [...folds, ...parts.map(({ start, end }) => ({ start, end, kind: 'part' }))];
  const cut = segments(message.text, ranges).filter(({ kind }) => kind !== 'part');
  if (cut.length === 0) return null;
  return (
    <div className={css.text} dir="auto">
      {cut.map((segment, at) =>
        segment.kind === 'text' ? (
          <Words key={at} segment={segment} spans={message.spans} />
        ) : (
          <Folded key={at} segment={segment} spans={message.spans} />
        ),
      )}
    </div>
  );
}

interface WordsProps {
  segment: Segment;
  spans: readonly Span[] | undefined;
}

function Words({ segment, spans }: WordsProps) {
  return (
    <div className={css.words}>
      <RichText text={segment.text} spans={spans} from={segment.start} />
    </div>
  );
}

/** A quote or a signature behind a button: folded, never gone. */
function Folded({ segment, spans }: WordsProps) {
  const t = useT();
  const id = useId();
  const [open, setOpen] = useState(false);
  const label = t(segment.kind === 'quote' ? 'thread.quote' : 'thread.signature');
  return (
    <div>
      <button
        type="button"
        className={css.fold}
        aria-expanded={open}
        aria-controls={id}
        title={label}
        onClick={() => setOpen(!open)}
      >
        <IconDots size={16} aria-hidden />
        <span className="visually-hidden">{label}</span>
      </button>
      <div id={id} className={css.folded} hidden={!open}>
        {open && <Words segment={segment} spans={spans} />}
      </div>
    </div>
  );
}
