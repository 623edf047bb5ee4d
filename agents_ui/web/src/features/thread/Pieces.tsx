import { IconPuzzle } from '@tabler/icons-react';
import type { Message } from '@/api/types';
import { list } from '@/lib/format';
import { useT } from '@/ui/i18n';
import css from './message.module.css';

/** Which parts of a long text message are still on their way. */
export function Pieces({ message }: { message: Message }) {
  const t = useT();
  if (!message.pieces) return null;
  const { have, total } = message.pieces;
  const missing = Array.from({ length: total }, (_, at) => at + 1).filter((n) => !have.includes(n));
  if (missing.length === 0) return null;
  return (
    <p className={css.state} role="status">
      <IconPuzzle size={14} aria-hidden />
      {t('chat.pieces', { parts: list(missing.map(String)), total, count: missing.length })}
    </p>
  );
}
