import { Menu } from '@mantine/core';
import {
  IconArrowBackUp,
  IconCode,
  IconCopy,
  IconDots,
  IconLink,
  IconPencil,
  IconTrash,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Message } from '@/api/types';
import { useMay, useMe } from '@/entities/live';
import { hasLeft, isWithin, useAccountCaps } from '@/entities/message/caps';
import { setFocus } from '@/entities/message/focus';
import { useNow } from '@/ui/clock';
import { Confirm } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { toastDone, toastError } from '@/ui/toast';
import css from './message.module.css';

/** What can be done with a message. The menu is made on the first click: rows stay light. */
export function MessageMenu({ message }: { message: Message }) {
  const t = useT();
  const [made, setMade] = useState(false);
  const [asking, setAsking] = useState(false);
  const can = useAllowed(message);
  if (message.rev === 0) return null;
  const button = (
    <button
      type="button"
      className={css.more}
      aria-label={t('thread.message_more')}
      aria-haspopup="menu"
      onClick={made ? undefined : () => setMade(true)}
    >
      <IconDots size={16} aria-hidden />
    </button>
  );
  if (!made) return button;
  const copy = (text: string) => {
    navigator.clipboard.writeText(text).then(
      () => toastDone(t('common.copied')),
      (error: unknown) => toastError(t('common.copy_failed'), error),
    );
  };
  const { canReply, canEdit, canDelete } = can;
  const link = `${location.origin}/inbox/all/${message.conversation_id}?seq=${message.seq}`;
  return (
    <>
      <Menu defaultOpened position="bottom-end" shadow="md" width={220}>
        <Menu.Target>{button}</Menu.Target>
        <Menu.Dropdown>
          {canReply && (
            <Menu.Item
              leftSection={<IconArrowBackUp size={18} stroke={1.6} />}
              onClick={() => setFocus(message.conversation_id, { replyTo: message.id })}
            >
              {t('chat.reply_to')}
            </Menu.Item>
          )}
          {canEdit && (
            <Menu.Item
              leftSection={<IconPencil size={18} stroke={1.6} />}
              onClick={() => setFocus(message.conversation_id, { editing: message.id })}
            >
              {t('chat.edit')}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconCopy size={18} stroke={1.6} />}
            onClick={() => copy(message.text)}
          >
            {t('thread.copy_text')}
          </Menu.Item>
          <Menu.Item leftSection={<IconLink size={18} stroke={1.6} />} onClick={() => copy(link)}>
            {t('thread.copy_link')}
          </Menu.Item>
          {message.channel === 'email' && (
            <Menu.Item
              component="a"
              href={`/m/${message.id}/raw`}
              leftSection={<IconCode size={18} stroke={1.6} />}
            >
              {t('thread.raw')}
            </Menu.Item>
          )}
          {canDelete && (
            <Menu.Item
              color="red"
              leftSection={<IconTrash size={18} stroke={1.6} />}
              onClick={() => setAsking(true)}
            >
              {t('chat.delete')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <AskDelete message={message} opened={asking} onClose={() => setAsking(false)} />
    </>
  );
}

/** What the channel and the agent's rights let be done with a message. */
function useAllowed(message: Message) {
  const me = useMe();
  const now = useNow();
  const mayReply = useMay('conversation.reply');
  const caps = useAccountCaps(message.account_id);
  const gone = message.deleted_at !== null || message.rev === 0;
  const mine = message.author.kind === 'agent' && message.author.id === me.id;
  const changeable = mayReply && mine && !gone && message.kind === 'outbound' && hasLeft(message);
  return {
    canReply: mayReply && !gone && caps?.reply === true && message.visibility === 'public',
    canEdit: changeable && caps?.edit === true && isWithin(message, caps.edit_seconds, now),
    canDelete: changeable && caps?.delete === true && isWithin(message, caps.delete_seconds, now),
  };
}

interface AskDeleteProps {
  message: Message;
  opened: boolean;
  onClose: () => void;
}

/** A message taken back is gone for the client, too. */
function AskDelete({ message, opened, onClose }: AskDeleteProps) {
  const t = useT();
  const remove = useMutation({
    mutationFn: () => api.delete(`/api/messages/${message.id}`),
    onSuccess: onClose,
  });
  return (
    <Confirm
      opened={opened}
      title={t('chat.delete_title')}
      text={t('chat.delete_text')}
      action={t('chat.delete')}
      busy={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
