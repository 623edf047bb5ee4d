import { IconCheck, IconHandStop, IconMessage, IconPhone } from '@tabler/icons-react';
import { useState } from 'react';
import type { Id, Task } from '@/api/types';
import { Avatar } from '@/entities/agent/Avatar';
import { useAgent, useMe } from '@/entities/live';
import { Settle } from '@/entities/task/Settle';
import { useChangeTask } from '@/entities/task/useTasks';
import button from '@/entities/task/task.module.css';
import { ago, shortDateTime } from '@/lib/format';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import { toastError } from '@/ui/toast';
import css from './callbacks.module.css';

interface CallbackProps {
  task: Task;
  onOpen: (conversationId: Id) => void;
  onOpenCard: (cardId: Id) => void;
}

/** One call: whom, about what, until when, who makes it. */
export function Callback({ task, onOpen, onOpenCard }: CallbackProps) {
  const t = useT();
  const now = useNow();
  const me = useMe();
  const change = useChangeTask();
  const [settling, setSettling] = useState(false);
  const assignee = useAgent(task.assignee_id);
  const mine = task.assignee_id === me.id;
  const take = () => {
    change(task, { assignee_id: mine ? null : me.id }).catch((error: unknown) =>
      toastError(t('callbacks.failed'), error),
    );
  };
  const late = task.due_at !== null && Date.parse(task.due_at) < now;
  return (
    <li className={css.row}>
      <div className={css.line}>
        <Avatar id={task.card.id} name={task.card.name} />
        <div className={css.words}>
          <p className={css.who}>
            <button type="button" onClick={() => onOpenCard(task.card.id)}>
              {task.card.name}
            </button>
            {task.phone && (
              <a href={`tel:${task.phone}`} aria-label={t('chat.call', { phone: task.phone })}>
                <IconPhone size={15} stroke={1.7} aria-hidden />
                {task.phone}
              </a>
            )}
          </p>
          {task.title && <p className={css.topic}>{task.title}</p>}
          <p className={css.meta}>
            {task.due_at && (
              <time
                dateTime={task.due_at}
                title={shortDateTime(task.due_at)}
                data-late={late || undefined}
              >
                {t('callbacks.due', { when: ago(task.due_at, now) })}
              </time>
            )}
            <span>
              {task.assignee_id === null
                ? t('callbacks.free')
                : t('callbacks.assigned', { name: assignee?.name ?? '…' })}
            </span>
          </p>
        </div>
        <div className={css.verbs}>
          {task.conversation_id && (
            <button
              type="button"
              className={button.button}
              aria-label={t('callbacks.open')}
              title={t('callbacks.open')}
              onClick={() => task.conversation_id && onOpen(task.conversation_id)}
            >
              <IconMessage size={16} stroke={1.7} aria-hidden />
            </button>
          )}
          <button type="button" className={button.button} onClick={take}>
            <IconHandStop size={16} stroke={1.7} aria-hidden />
            {t(mine ? 'callbacks.give_up' : 'callbacks.take')}
          </button>
          <button
            type="button"
            className={button.button}
            data-strong
            aria-expanded={settling}
            onClick={() => setSettling(!settling)}
          >
            <IconCheck size={16} stroke={1.7} aria-hidden />
            {t('callbacks.done')}
          </button>
        </div>
      </div>
      {settling && <Settle task={task} onDone={() => setSettling(false)} />}
    </li>
  );
}
