import { IconAlertTriangle, IconShieldX } from '@tabler/icons-react';
import type { Message } from '@/api/types';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import css from './message.module.css';

/** What was wrong with a message, in words; codes nobody has words for are not shown. */
export function Warnings({ message }: { message: Message }) {
  const t = useT();
  const words = message.warnings
    .map((code) => tMaybe(`warning.${code}`, ''))
    .filter((text) => text !== '');
  return (
    <>
      {message.trust === 'failed' && (
        <p className={css.forged} role="alert">
          <IconShieldX size={16} stroke={1.6} aria-hidden />
          {t('thread.forged', { address: message.author.address ?? '' })}
        </p>
      )}
      {words.map((text) => (
        <p key={text} className={css.warning}>
          <IconAlertTriangle size={16} stroke={1.6} aria-hidden />
          {text}
        </p>
      ))}
    </>
  );
}
