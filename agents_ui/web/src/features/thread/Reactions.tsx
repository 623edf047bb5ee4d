import { Popover } from '@mantine/core';
import { IconMoodPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Message } from '@/api/types';
import { useAccountCaps } from '@/entities/message/caps';
import { list } from '@/lib/format';
import { useT } from '@/ui/i18n';
import { toastError } from '@/ui/toast';
import css from './reactions.module.css';

/** What is offered where a channel takes any: understood everywhere. */
const USUAL = ['👍', '❤️', '🔥', '👏', '😁', '🙏'];

/** Who answered a message with what; our own are taken back by a click. */
export function Reactions({ message }: { message: Message }) {
  const t = useT();
  const caps = useAccountCaps(message.account_id);
  const byEmoji = new Map<string, { names: string[]; ours: boolean }>();
  for (const { who, name, emojis } of message.reactions) {
    for (const emoji of emojis) {
      const have = byEmoji.get(emoji) ?? { names: [], ours: false };
      have.names.push(who === 'us' ? name || t('thread.you') : name);
      have.ours ||= who === 'us';
      byEmoji.set(emoji, have);
    }
  }
  if (byEmoji.size === 0) return null;
  const may = (caps?.reactions ?? 0) !== 0;
  return (
    <div className={css.reactions} role="group" aria-label={t('chat.reactions')}>
      {[...byEmoji].map(([emoji, { names, ours }]) => (
        <button
          key={emoji}
          type="button"
          className={css.reaction}
          disabled={!may}
          aria-pressed={ours}
          aria-label={`${emoji} ${list(names)}`}
          title={list(names)}
          onClick={() => void react(message, ours ? [] : [emoji], t('chat.react_failed'))}
        >
          <span aria-hidden>{emoji}</span>
          {names.length > 1 && <span aria-hidden>{names.length}</span>}
        </button>
      ))}
    </div>
  );
}

/** Answers a message with one sign, where its channel carries that. */
export function AddReaction({ message }: { message: Message }) {
  const t = useT();
  const caps = useAccountCaps(message.account_id);
  const [open, setOpen] = useState(false);
  if (!caps || caps.reactions === 0 || message.rev === 0 || message.deleted_at) return null;
  const offered = caps.allowed_reactions ?? USUAL;
  const mine = message.reactions.find(({ who }) => who === 'us')?.emojis ?? [];
  const button = (
    <button
      type="button"
      className={css.add}
      aria-label={t('chat.react')}
      aria-expanded={open}
      title={t('chat.react')}
      onClick={() => setOpen(!open)}
    >
      <IconMoodPlus size={16} stroke={1.6} aria-hidden />
    </button>
  );
  if (!open) return button;
  return (
    <Popover opened onChange={setOpen} position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>{button}</Popover.Target>
      <Popover.Dropdown p={6}>
        <div className={css.choice} role="group" aria-label={t('chat.react')}>
          {offered.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-pressed={mine.includes(emoji)}
              onClick={() => {
                setOpen(false);
                const next = mine.includes(emoji) ? [] : [emoji];
                void react(message, next, t('chat.react_failed'));
              }}
            >
              {emoji}
            </button>
          ))}
        </div>
      </Popover.Dropdown>
    </Popover>
  );
}

async function react(message: Message, emojis: string[], failed: string): Promise<void> {
  try {
    await api.put(`/api/messages/${message.id}/reactions`, { emojis });
  } catch (error) {
    toastError(failed, error);
  }
}
