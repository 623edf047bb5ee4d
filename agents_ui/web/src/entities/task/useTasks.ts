import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api } from '@/api/http';
import type { Id, Task, TaskChange, TaskPage } from '@/api/types';
import { useHub, useLink, useTaskRows } from '@/entities/live';
import { openCount, openTasks } from './tasks';

/** The open calls, kept live: the page once, and every change as it happens. */
export function useOpenTasks() {
  const live = useTaskRows();
  // After a break events may have been missed: the page is read anew.
  const { since } = useLink();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['tasks', 'open'],
    queryFn: () => api.get<TaskPage>('/api/tasks?status=open&limit=100'),
    enabled: since === null,
    staleTime: 60_000,
  });
  const tasks = useMemo(() => openTasks(data, live), [data, live]);
  return { tasks, count: openCount(data, live), error, isPending, refetch };
}

/** The call a conversation's client waits for. */
export function useCallbackOf(conversationId: Id): Task | undefined {
  return useOpenTasks().tasks.find((task) => task.conversation_id === conversationId);
}

/** Changes a task and keeps what the hub made of it. */
export function useChangeTask(): (task: Task, change: Omit<TaskChange, 'rev'>) => Promise<Task> {
  const { store } = useHub();
  return async ({ id, rev }, change) => {
    const saved = await api.patch<Task>(`/api/tasks/${id}`, { rev, ...change });
    store.tasks.set(id, saved);
    return saved;
  };
}
