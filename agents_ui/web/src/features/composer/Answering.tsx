import { IconX } from '@tabler/icons-react';
import type { Message } from '@/api/types';
import { setFocus } from '@/entities/message/focus';
import { useT } from '@/ui/i18n';
import css from './channel.module.css';

/** The message an answer is to, with the way out of it. */
export function Answering({ message }: { message: Message }) {
  const t = useT();
  const { author, text, attachments } = message;
  return (
    <div className={css.answering}>
      <div>
        <strong>{t('send.answering', { name: author.name || author.address || '' })}</strong>
        <p>{text.trim() || attachments[0]?.filename || t('chat.attachment')}</p>
      </div>
      <button
        type="button"
        aria-label={t('send.not_answering')}
        title={t('send.not_answering')}
        onClick={() => setFocus(message.conversation_id, { replyTo: null })}
      >
        <IconX size={16} stroke={1.7} aria-hidden />
      </button>
    </div>
  );
}
