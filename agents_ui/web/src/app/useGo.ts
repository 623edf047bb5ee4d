import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import type { Id } from '@/api/types';

export interface Go {
  inbox: (view: string) => void;
  conversation: (id: Id, options?: { view?: string; seq?: number | undefined }) => void;
  card: (id: Id) => void;
  callbacks: () => void;
  clients: () => void;
  search: (q: string) => void;
  compose: () => void;
  profile: () => void;
  settings: (page?: string) => void;
}

/** Where features ask to go; they know no addresses. */
export function useGo(): Go {
  const navigate = useNavigate();
  return useMemo(
    () => ({
      inbox: (view) => void navigate({ to: '/inbox/$view', params: { view } }),
      conversation: (conversation, { view = 'all', seq } = {}) =>
        void navigate({
          to: '/inbox/$view/$conversation',
          params: { view, conversation },
          search: seq === undefined ? {} : { seq },
        }),
      card: (card) => void navigate({ to: '/clients/$card', params: { card } }),
      callbacks: () => void navigate({ to: '/callbacks' }),
      clients: () => void navigate({ to: '/clients' }),
      search: (q) => void navigate({ to: '/search', search: { q } }),
      compose: () => void navigate({ to: '/new' }),
      profile: () => void navigate({ to: '/profile' }),
      settings: (page) =>
        void (page === undefined
          ? navigate({ to: '/settings' })
          : navigate({ to: '/settings/$page', params: { page } })),
    }),
    [navigate],
  );
}
