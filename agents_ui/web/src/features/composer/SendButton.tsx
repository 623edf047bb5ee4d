import { Menu } from '@mantine/core';
import {
  IconCalendarTime,
  IconCheck,
  IconChevronDown,
  IconCircleDot,
  IconSend,
} from '@tabler/icons-react';
import { useState } from 'react';
import type { DraftKind } from '@/api/types';
import { MomentMenu } from '@/entities/pick/MomentMenu';
import { useHotkeys } from '@/ui/hotkeys';
import { useT } from '@/ui/i18n';
import type { SendOptions } from './Writing';
import css from './composer.module.css';

interface SendButtonProps {
  kind: DraftKind;
  ready: boolean;
  onSend: (options: SendOptions) => void;
}

/** Send, with the other ways of sending behind the arrow. A note says that it is one. */
export function SendButton({ kind, ready, onSend }: SendButtonProps) {
  const t = useT();
  const [later, setLater] = useState(false);
  const reply = kind === 'reply';
  useHotkeys('keys.composer', [
    {
      keys: 'mod+shift+s',
      label: 'keys.send_later',
      run: () => setLater(reply && ready),
      whileTyping: true,
    },
  ]);
  return (
    <div className={css.send}>
      <button
        type="button"
        className={css.go}
        disabled={!ready}
        title="Ctrl+Enter"
        onClick={() => onSend({})}
      >
        <IconSend size={16} stroke={1.7} aria-hidden />
        {t(reply ? 'composer.send' : 'composer.add_note')}
      </button>
      {reply && (
        <MomentMenu
          label={t('composer.send_later')}
          opened={later}
          onOpened={setLater}
          onPick={(at) => onSend({ at })}
          anchored
        >
          <span className={css.anchor}>
            <Menu position="top-end" shadow="md" width={260}>
              <Menu.Target>
                <button
                  type="button"
                  className={css.ways}
                  disabled={!ready}
                  aria-label={t('composer.ways')}
                >
                  <IconChevronDown size={16} aria-hidden />
                </button>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item
                  leftSection={<IconCheck size={18} stroke={1.6} />}
                  rightSection={<kbd className={css.kbd}>Ctrl Shift Enter</kbd>}
                  onClick={() => onSend({ status: 'closed' })}
                >
                  {t('composer.send_close')}
                </Menu.Item>
                <Menu.Item
                  leftSection={<IconCircleDot size={18} stroke={1.6} />}
                  onClick={() => onSend({ status: 'open' })}
                >
                  {t('composer.send_open')}
                </Menu.Item>
                <Menu.Item
                  leftSection={<IconCalendarTime size={18} stroke={1.6} />}
                  rightSection={<kbd className={css.kbd}>Ctrl Shift S</kbd>}
                  onClick={() => setLater(true)}
                >
                  {t('composer.send_later')}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </span>
        </MomentMenu>
      )}
    </div>
  );
}
