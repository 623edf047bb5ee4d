import { IconLock, IconShieldQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/http';
import type { ConversationItem, Message } from '@/api/types';
import { Avatar } from '@/entities/agent/Avatar';
import { useMe } from '@/entities/live';
import { clockTime, fullTime } from '@/lib/format';
import { useT } from '@/ui/i18n';
import { toastDone, toastError } from '@/ui/toast';
import { Attachments } from './Attachments';
import { Automatic } from './Automatic';
import { Deliveries } from './Deliveries';
import { Invitation } from './Invitation';
import { MessageBody } from './MessageBody';
import { MessageMenu } from './MessageMenu';
import { PendingState } from './PendingState';
import { Recipients } from './Recipients';
import { Warnings } from './Warnings';
import css from './message.module.css';

interface MessageViewProps {
  message: Message;
  /** Opens a group of one author's messages. */
  first: boolean;
  conversation: ConversationItem;
  marked: boolean;
}

/** One message: who, when, to whom, what, and what became of it. */
export function MessageView({ message, first, conversation, marked }: MessageViewProps) {
  const t = useT();
  const kind =
    message.kind === 'inbound' && message.visibility === 'internal' ? 'outsider' : message.kind;
  return (
    <article
      className={css.message}
      data-kind={kind}
      data-first={first || undefined}
      data-marked={marked || undefined}
      aria-label={t(`thread.by.${kind}`, { name: message.author.name })}
    >
      <span className={css.gutter}>
        {first && (
          <Avatar
            id={faceOf(message, conversation)}
            name={message.author.name || message.author.address || '?'}
            size="sm"
          />
        )}
      </span>
      <div className={css.block}>
        <MessageHead message={message} first={first} />
        {message.deleted_at ? (
          <p className={css.deleted}>{t('thread.deleted')}</p>
        ) : (
          <Content message={message} subject={conversation.subject} />
        )}
        {kind === 'outsider' && <Unverified message={message} />}
        <Deliveries message={message} />
        <PendingState message={message} />
      </div>
    </article>
  );
}

/** The client has the colour of their card; everybody else has their own. */
function faceOf({ author }: Message, { card }: ConversationItem): string {
  return author.kind === 'client' && author.name === card.name
    ? card.id
    : (author.id ?? author.name);
}

function MessageHead({ message, first }: { message: Message; first: boolean }) {
  const t = useT();
  const me = useMe();
  const mine = message.author.kind === 'agent' && message.author.id === me.id;
  return (
    <header className={css.head}>
      {first && (
        <span className={css.author}>
          {mine ? t('thread.you') : message.author.name || message.author.address}
        </span>
      )}
      {message.kind === 'note' && first && (
        <span className={css.private}>
          <IconLock size={14} stroke={1.8} aria-hidden />
          {t('thread.note')}
        </span>
      )}
      <time className={css.time} dateTime={message.at} title={fullTime(message.at)}>
        {clockTime(message.at)}
      </time>
      {message.edited_at && <span className={css.time}>{t('thread.edited')}</span>}
      <span className={css.grow} />
      {message.kind !== 'note' && <MessageMenu message={message} />}
      {message.kind !== 'note' && first && <Recipients message={message} />}
    </header>
  );
}

function Content({ message, subject }: { message: Message; subject: string }) {
  const t = useT();
  const own = message.subject?.trim() ?? '';
  const body = (
    <>
      <Warnings message={message} />
      {message.quoted && <blockquote className={css.quoted}>{message.quoted}</blockquote>}
      {own !== '' && bare(own) !== bare(subject) && (
        <p className={css.subject}>
          {t('thread.subject')}: {own}
        </p>
      )}
      <MessageBody message={message} />
      {message.calendar.map((event, at) => (
        <Invitation key={at} event={event} />
      ))}
      <Attachments message={message} />
    </>
  );
  return message.automatic === '' || message.automatic === 'bulk' ? (
    body
  ) : (
    <Automatic message={message}>{body}</Automatic>
  );
}

/** A subject without the marks every answer adds, in the languages our clients write. */
function bare(subject: string): string {
  return subject.replace(/^(?:\s*(?:re|r|fw|fwd|ref|aw|отв|на|ha|пер)\s*(?:\[\d+\])?:)+\s*/i, '');
}

/** An answer of somebody who proved nothing but a copy: only a person may let them in. */
function Unverified({ message }: { message: Message }) {
  const t = useT();
  const [busy, setBusy] = useState(false);
  const accept = async () => {
    setBusy(true);
    const path = `/api/conversations/${message.conversation_id}/participants/${message.author.id}/accept`;
    try {
      await api.post(path);
      toastDone(t('thread.accepted', { name: message.author.name }));
    } catch (error) {
      toastError(t('thread.accept_failed'), error);
    }
    setBusy(false);
  };
  return (
    <div className={css.outsider}>
      <IconShieldQuestion size={18} stroke={1.6} aria-hidden />
      <span>{t('thread.unverified', { address: message.author.address ?? '' })}</span>
      <button type="button" className={css.button} disabled={busy} onClick={() => void accept()}>
        {t('thread.accept')}
      </button>
    </div>
  );
}
