import { useContext } from 'react';
import type { Message } from '@/api/types';
import { useMessage } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { JumpContext } from './jump';
import css from './message.module.css';

/** The message this one answers, in a line; a click leads to it when it is here. */
export function Quoted({ message }: { message: Message }) {
  const t = useT();
  const jump = useContext(JumpContext);
  const answered = useMessage(message.in_reply_to ?? '');
  const isChat = message.channel !== 'email';
  const text =
    message.quoted ?? (isChat && answered ? inShort(answered, t('chat.attachment')) : '');
  if (text === '') return null;
  if (!answered || !isChat) return <blockquote className={css.quoted}>{text}</blockquote>;
  const name = answered.author.name || answered.author.address || '';
  return (
    <button
      type="button"
      className={css.answered}
      title={t('chat.show_answered')}
      onClick={() => jump(answered.seq)}
    >
      <strong>{name}</strong>
      <span>{text}</span>
    </button>
  );
}

function inShort({ text, attachments }: Message, something: string): string {
  return text.trim().slice(0, 200) || attachments[0]?.filename || something;
}
