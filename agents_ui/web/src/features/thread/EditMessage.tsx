import { useState, type FormEvent, type KeyboardEvent } from 'react';
import { api, Problem } from '@/api/http';
import type { Message } from '@/api/types';
import { setFocus } from '@/entities/message/focus';
import { useAccountCaps } from '@/entities/message/caps';
import { marked, readMarkup } from '@/entities/message/markup';
import { useT } from '@/ui/i18n';
import { toastError } from '@/ui/toast';
import css from './edits.module.css';

/** A message of ours being changed where it stands; the client sees the new text. */
export function EditMessage({ message }: { message: Message }) {
  const t = useT();
  const caps = useAccountCaps(message.account_id);
  const [text, setText] = useState(() => marked(message.text, message.spans));
  const [busy, setBusy] = useState(false);
  const done = () => setFocus(message.conversation_id, { editing: null });
  const next = readMarkup(text.trim(), caps?.formatting ?? {});
  const changed = next.text !== message.text || next.spans.length !== message.spans.length;
  const empty = next.text === '' && message.attachments.length === 0;
  const save = async () => {
    if (empty || busy) return;
    if (!changed) return done();
    setBusy(true);
    try {
      await api.patch(`/api/messages/${message.id}`, { ...next, rev: message.rev });
      done();
    } catch (error) {
      const raced = error instanceof Problem && error.status === 409;
      toastError(t(raced ? 'chat.edit_raced' : 'chat.edit_failed'), error);
    }
    setBusy(false);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void save();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') done();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <textarea
        autoFocus
        dir="auto"
        aria-label={t('chat.edit_text')}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <footer>
        <span>{t('chat.edit_hint')}</span>
        <button type="button" onClick={done}>
          {t('common.cancel')}
        </button>
        <button type="submit" disabled={busy || empty}>
          {t('common.save')}
        </button>
      </footer>
    </form>
  );
}
