/** Nothing behind it is shown before the hub has said who this is. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useState, type ReactNode } from 'react';
import { api, Problem } from '@/api/http';
import type { HubState } from '@/api/types';
import { HubProvider } from '@/entities/live';
import { LOCALES } from '@/lib/i18n';
import { createHub } from '@/sync/hub';
import type { Placed } from '@/sync/frames';
import { chooseLocale } from '@/ui/locale';
import { ErrorState, Skeleton } from '@/ui/states';
import { SignedOut } from './SignedOut';

const SignInPage = lazy(async () => ({ default: (await import('@/features/auth')).SignInPage }));

export function Gate({ children }: { children: ReactNode }) {
  const queries = useQueryClient();
  const state = useQuery({
    queryKey: ['state'],
    queryFn: () => api.get<HubState>('/api/state'),
    staleTime: Infinity,
    gcTime: Infinity,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (state.isPending) return <Skeleton lines={8} />;
  if (state.isError) {
    if (state.error instanceof Problem && state.error.status === 401) {
      return (
        <Suspense>
          <SignInPage onDone={() => void queries.resetQueries({ queryKey: ['state'] })} />
        </Suspense>
      );
    }
    return <ErrorState error={state.error} onRetry={() => void state.refetch()} />;
  }
  return <Connected state={state.data}>{children}</Connected>;
}

function Connected({ state, children }: { state: HubState; children: ReactNode }) {
  const queries = useQueryClient();
  const [hub] = useState(() => {
    const heard = (event: Placed) => {
      for (const key of STALE[event.type] ?? []) {
        void queries.invalidateQueries({ queryKey: [key] });
      }
    };
    return createHub({ state, build: state.build, heard });
  });
  useEffect(() => {
    hub.start();
    return () => hub.stop();
  }, [hub]);
  useEffect(() => {
    const language = LOCALES.find((name) => name === state.me.locale);
    if (language) void chooseLocale(language);
  }, [state.me.locale]);
  return (
    <HubProvider hub={hub}>
      {children}
      <SignedOut />
    </HubProvider>
  );
}

/** Lists read over HTTP that an event makes old. */
const STALE: Partial<Record<Placed['type'], readonly string[]>> = {
  'agent.changed': ['agents'],
  'team.changed': ['teams', 'agents'],
  'tag.changed': ['tags'],
  'account.changed': ['accounts'],
  'card.changed': ['cards'],
  'card.merged': ['cards', 'card', 'merges'],
  'card.unmerged': ['cards', 'card', 'merges'],
  'session.revoked': ['sessions'],
};
