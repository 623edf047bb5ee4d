import { Menu } from '@mantine/core';
import { IconCode, IconCopy, IconDots, IconLink } from '@tabler/icons-react';
import { useState } from 'react';
import type { Message } from '@/api/types';
import { useT } from '@/ui/i18n';
import { toastDone, toastError } from '@/ui/toast';
import css from './message.module.css';

/** The original of a message and a link to it. The menu is made on the first click: rows stay light. */
export function MessageMenu({ message }: { message: Message }) {
  const t = useT();
  const [made, setMade] = useState(false);
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
  const link = `${location.origin}/inbox/all/${message.conversation_id}?seq=${message.seq}`;
  return (
    <Menu defaultOpened position="bottom-end" shadow="md" width={220}>
      <Menu.Target>{button}</Menu.Target>
      <Menu.Dropdown>
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
      </Menu.Dropdown>
    </Menu>
  );
}
