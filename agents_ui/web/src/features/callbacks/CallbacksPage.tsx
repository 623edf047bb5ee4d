import { IconPhoneCheck } from '@tabler/icons-react';
import { useState } from 'react';
import type { Id, Task } from '@/api/types';
import { useMe } from '@/entities/live';
import { WHEN, whenOf } from '@/entities/task/tasks';
import { useOpenTasks } from '@/entities/task/useTasks';
import { useNow } from '@/ui/clock';
import { useT } from '@/ui/i18n';
import { EmptyState, ErrorState, Skeleton } from '@/ui/states';
import { Callback } from './Callback';
import css from './callbacks.module.css';

interface CallbacksPageProps {
  onOpen: (conversationId: Id) => void;
  onOpenCard: (cardId: Id) => void;
}

/** Calls clients wait for: overdue, today, later; live, so two agents never make the same one. */
export function CallbacksPage({ onOpen, onOpenCard }: CallbacksPageProps) {
  const t = useT();
  const me = useMe();
  const now = useNow();
  const { tasks, error, isPending, refetch } = useOpenTasks();
  const [mine, setMine] = useState(false);
  const shown = mine ? tasks.filter(({ assignee_id }) => assignee_id === me.id) : tasks;
  return (
    <section className={css.page} aria-label={t('callbacks.title')}>
      <header className={css.head}>
        <div>
          <h1>{t('callbacks.title')}</h1>
          <p>{t('callbacks.lead')}</p>
        </div>
        <div className={css.whose} role="group" aria-label={t('callbacks.whose')}>
          {[false, true].map((only) => (
            <button
              key={String(only)}
              type="button"
              aria-pressed={mine === only}
              onClick={() => setMine(only)}
            >
              {t(only ? 'callbacks.mine' : 'callbacks.all')}
            </button>
          ))}
        </div>
      </header>
      {error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : isPending ? (
        <Skeleton lines={6} height={40} />
      ) : shown.length === 0 ? (
        <EmptyState
          icon={<IconPhoneCheck size={26} stroke={1.6} />}
          title={t('callbacks.none')}
          text={t('callbacks.none_text')}
        />
      ) : (
        WHEN.map((when) => (
          <Group
            key={when}
            when={when}
            tasks={shown.filter((task) => whenOf(task, now) === when)}
            onOpen={onOpen}
            onOpenCard={onOpenCard}
          />
        ))
      )}
    </section>
  );
}

interface GroupProps extends CallbacksPageProps {
  when: (typeof WHEN)[number];
  tasks: readonly Task[];
}

function Group({ when, tasks, onOpen, onOpenCard }: GroupProps) {
  const t = useT();
  if (tasks.length === 0) return null;
  return (
    <section className={css.group} data-when={when}>
      <h2>
        {t(`callbacks.${when}`)} <span>{tasks.length}</span>
      </h2>
      <ul>
        {tasks.map((task) => (
          <Callback key={task.id} task={task} onOpen={onOpen} onOpenCard={onOpenCard} />
        ))}
      </ul>
    </section>
  );
}
