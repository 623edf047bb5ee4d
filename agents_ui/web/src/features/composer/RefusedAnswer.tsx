import { IconHandStop } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { Avatar } from '@/entities/agent/Avatar';
import { clockTime } from '@/lib/format';
import { useT } from '@/ui/i18n';
import type { Refused } from './guard';
import css from './composer.module.css';

interface RefusedAnswerProps {
  refused: Refused;
  onSend: () => void;
  onEdit: () => void;
  onDiscard: () => void;
}

/** The hub held an answer back because somebody wrote meanwhile: what they wrote, and the choice. */
export function RefusedAnswer({ refused, onSend, onEdit, onDiscard }: RefusedAnswerProps) {
  const t = useT();
  const edit = useRef<HTMLButtonElement>(null);
  useEffect(() => edit.current?.focus(), []);
  return (
    <section
      className={css.composer}
      data-kind="refused"
      role="alertdialog"
      aria-labelledby="refused"
    >
      <h2 id="refused" className={css.refused}>
        <IconHandStop size={18} stroke={1.7} aria-hidden />
        {t('composer.refused', { count: refused.entries.length })}
      </h2>
      <ul className={css.entries}>
        {refused.entries.map(({ id, author, created_at, text }) => (
          <li key={id}>
            <Avatar id={author.id ?? author.name} name={author.name} size="sm" />
            <div>
              <b>{author.name}</b> <time dateTime={created_at}>{clockTime(created_at)}</time>
              <p>{text}</p>
            </div>
          </li>
        ))}
      </ul>
      <p className={css.faint}>{t('composer.your_answer')}</p>
      <blockquote className={css.kept}>{refused.text}</blockquote>
      <div className={css.choices}>
        <button type="button" className={css.small} onClick={onDiscard}>
          {t('composer.discard')}
        </button>
        <span className={css.grow} />
        <button type="button" className={css.small} onClick={onSend}>
          {t('composer.send_anyway')}
        </button>
        <button ref={edit} type="button" className={css.small} data-strong="" onClick={onEdit}>
          {t('composer.edit')}
        </button>
      </div>
    </section>
  );
}
