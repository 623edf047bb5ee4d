import { IconLock, IconShieldQuestion } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/http';
import type { ConversationItem, Message } from '@/api/types';
import { Avatar, ChannelIcon } from '@/entities/agent/Avatar';
import { hueOf } from '@/entities/agent/initials';
import { useMe } from '@/entities/live';
import { useFocus } from '@/entities/message/focus';
import { clockTime, fullTime } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { toastDone, toastError } from '@/ui/toast';
import { Attachments } from './Attachments';
import { Automatic } from './Automatic';
import { Deliveries } from './Deliveries';
import { EditMessage } from './EditMessage';
import { Edited } from './Edits';
import { Invitation } from './Invitation';
import { MessageBody } from './MessageBody';
import { MessageMenu } from './MessageMenu';
import { PendingState } from './PendingState';
import { Pieces } from './Pieces';
import { Quoted } from './Quoted';
import { AddReaction, Reactions } from './Reactions';
import { Recipients } from './Recipients';
import { RichParts } from './RichParts';
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
  const editing = useFocus(message.conversation_id).editing === message.id;
  const kind =
    message.kind === 'inbound' && message.visibility === 'internal' ? 'outsider' : message.kind;
  return (
    <article
      className={css.message}
      data-kind={kind}
      data-first={first || undefined}
      data-marked={marked || undefined}
      aria-label={t(`thread.by.${kind}`, { name: nameOf(message, conversation) })}
    >
      <span className={css.gutter}>
        {first && (
          <Avatar
            id={faceOf(message, conversation)}
            name={nameOf(message, conversation)}
            size="sm"
          />
        )}
      </span>
      <div className={css.block}>
        <MessageHead message={message} first={first} conversation={conversation} />
        {message.deleted_at ? (
          <p className={css.deleted}>{t('thread.deleted')}</p>
        ) : editing ? (
          <EditMessage message={message} />
        ) : (
          <Content message={message} conversation={conversation} />
        )}
        <Reactions message={message} />
        {kind === 'outsider' && <Unverified message={message} />}
        <Deliveries message={message} />
        <PendingState message={message} />
      </div>
    </article>
  );
}

/** A number that texts has no name of its own: it is the client's. */
function nameOf({ author }: Message, { card, is_group }: ConversationItem): string {
  const clients = author.kind === 'client' && !is_group ? card.name : '';
  const own = author.name === author.address ? '' : author.name;
  return own || clients || author.address || '?';
}

/** The client has the colour of their card; everybody else has their own. */
function faceOf({ author }: Message, { card }: ConversationItem): string {
  return author.kind === 'client' && [card.name, '', author.address].includes(author.name)
    ? card.id
    : (author.id ?? author.name);
}

interface HeadProps {
  message: Message;
  first: boolean;
  conversation: ConversationItem;
}

function MessageHead({ message, first, conversation }: HeadProps) {
  const t = useT();
  const me = useMe();
  const mine = message.author.kind === 'agent' && message.author.id === me.id;
  return (
    <header className={css.head}>
      {first && (
        <span className={css.author} data-hue={hueInGroup(message, conversation)}>
          {mine ? t('thread.you') : nameOf(message, conversation)}
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
      {message.kind !== 'note' && conversation.channels.length > 1 && (
        <ChannelMark channel={message.channel} />
      )}
      <Edited message={message} />
      <span className={css.grow} />
      {message.kind !== 'note' && <AddReaction message={message} />}
      {message.kind !== 'note' && <MessageMenu message={message} />}
      {message.channel === 'email' && message.kind !== 'note' && first && (
        <Recipients message={message} />
      )}
    </header>
  );
}

/** Through which channel a message went, where a conversation uses several. */
function ChannelMark({ channel }: { channel: string }) {
  const name = tMaybe(`channel.${channel}`, channel);
  if (channel === '') return null;
  return (
    <span className={css.channel} title={name}>
      <ChannelIcon channel={channel} />
      {name}
    </span>
  );
}

/** In a group everybody's name has their colour; between two people names need none. */
function hueInGroup(message: Message, conversation: ConversationItem): number | undefined {
  if (!conversation.is_group || message.author.kind !== 'client') return undefined;
  return hueOf(faceOf(message, conversation), 8);
}

function Content({ message, conversation }: Omit<HeadProps, 'first'>) {
  const t = useT();
  const own = message.subject?.trim() ?? '';
  const body = (
    <>
      <Warnings message={message} />
      <Quoted message={message} />
      {own !== '' && bare(own) !== bare(conversation.subject) && (
        <p className={css.subject}>
          {t('thread.subject')}: {own}
        </p>
      )}
      <MessageBody message={message} />
      <Pieces message={message} />
      {message.calendar.map((event, at) => (
        <Invitation key={at} event={event} />
      ))}
      <Attachments message={message} />
      <RichParts parts={message.parts} conversation={conversation} />
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
