import { IconBellRinging } from '@tabler/icons-react';
import type { Message } from '@/api/types';
import { list } from '@/lib/format';
import { useT } from '@/ui/i18n';
import css from './composer.module.css';

interface NewerProps {
  messages: readonly Message[];
  onSeen: () => void;
}

/** Somebody wrote while this answer was being written: said before it is sent, not after. */
export function Newer({ messages, onSeen }: NewerProps) {
  const t = useT();
  const names = list([...new Set(messages.map(({ author }) => author.name))]);
  return (
    <p className={css.bar} role="status">
      <IconBellRinging size={16} stroke={1.6} aria-hidden />
      <span>{t('composer.newer', { names, count: messages.length })}</span>
      <button type="button" className={css.small} onClick={onSeen}>
        {t('composer.newer_seen')}
      </button>
    </p>
  );
}
