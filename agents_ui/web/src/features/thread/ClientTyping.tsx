import type { Id } from '@/api/types';
import { useClientTyping } from '@/entities/live';
import { useT } from '@/ui/i18n';
import css from './thread.module.css';

/** The client is writing, speaking or sending a file right now. */
export function ClientTyping({ conversationId }: { conversationId: Id }) {
  const t = useT();
  const writer = useClientTyping(conversationId);
  return (
    <div className={css.typing} role="status" data-on={writer ? '' : undefined}>
      {writer && (
        <>
          <span className={css.dots} aria-hidden>
            <i />
            <i />
            <i />
          </span>
          {t(`chat.typing.${writer.activity}`, { name: writer.name || t('chat.somebody') })}
        </>
      )}
    </div>
  );
}
