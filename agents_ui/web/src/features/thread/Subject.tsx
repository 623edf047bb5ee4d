import { IconPencil } from '@tabler/icons-react';
import { useState, type KeyboardEvent } from 'react';
import type { ConversationItem } from '@/api/types';
import { useActions } from '@/entities/conversation/actions';
import { takeFocus } from '@/ui/focus';
import { useT } from '@/ui/i18n';
import css from './head.module.css';
import { titleOf } from '@/entities/conversation/title';

/** The subject as a heading; a click turns it into a field. Enter saves, Escape reverts. */
export function Subject({ conversation }: { conversation: ConversationItem }) {
  const t = useT();
  const actions = useActions();
  const [text, setText] = useState<string | null>(null);
  const save = () => {
    const next = text?.trim();
    setText(null);
    if (next && next !== conversation.subject) actions.rename(conversation, next);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) save();
    else if (event.key === 'Escape') setText(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  if (text !== null) {
    return (
      <input
        className={css.rename}
        value={text}
        maxLength={300}
        aria-label={t('thread.subject')}
        ref={takeFocus}
        onChange={(event) => setText(event.currentTarget.value)}
        onBlur={save}
        onKeyDown={onKeyDown}
      />
    );
  }
  return (
    <h1 className={css.subject}>
      <button
        type="button"
        title={t('thread.rename')}
        onClick={() => setText(conversation.subject)}
      >
        <span>{titleOf(conversation)}</span>
        <IconPencil size={14} stroke={1.6} aria-hidden />
      </button>
    </h1>
  );
}
