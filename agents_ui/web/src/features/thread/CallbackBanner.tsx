import { IconPhoneCall } from '@tabler/icons-react';
import { useState } from 'react';
import type { Id } from '@/api/types';
import { Settle } from '@/entities/task/Settle';
import { useCallbackOf } from '@/entities/task/useTasks';
import { ago } from '@/lib/format';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import css from './thread.module.css';

/** The call this conversation's client waits for, with the way to make and to settle it. */
export function CallbackBanner({ conversationId }: { conversationId: Id }) {
  const t = useT();
  const now = useNow();
  const task = useCallbackOf(conversationId);
  const [settling, setSettling] = useState(false);
  if (!task) return null;
  const late = task.due_at !== null && Date.parse(task.due_at) < now;
  return (
    <div className={css.notice} data-late={late || undefined}>
      <IconPhoneCall size={18} stroke={1.6} aria-hidden />
      <span>
        <strong>{t('callbacks.banner')}</strong>
        {task.due_at && `, ${t('callbacks.due', { when: ago(task.due_at, now) })}`}
        {task.title && `: ${task.title}`}
      </span>
      <a href={`tel:${task.phone}`} aria-label={t('chat.call', { phone: task.phone })}>
        {task.phone}
      </a>
      <button type="button" aria-expanded={settling} onClick={() => setSettling(!settling)}>
        {t('callbacks.done')}
      </button>
      {settling && <Settle task={task} onDone={() => setSettling(false)} />}
    </div>
  );
}
