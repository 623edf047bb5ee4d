import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Session } from '@/api/types';
import { useHub } from '@/entities/live';
import { ago } from '@/lib/format';
import { browserOf } from '@/lib/browser';
import { useNow } from '@/ui/clock';
import { Confirm } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Badge, Row, Rows, Section } from '@/ui/Page';
import { ErrorState, Skeleton } from '@/ui/states';

export function Sessions() {
  const t = useT();
  const hub = useHub();
  const [asking, setAsking] = useState(false);
  const sessions = useQuery({
    queryKey: ['sessions'],
    queryFn: () => api.get<Session[]>('/api/sessions'),
  });
  const leave = useMutation({
    mutationFn: async () => {
      await hub.flushDrafts();
      await api.delete('/api/sessions');
      await hub.forget();
      window.location.assign('/');
    },
  });
  return (
    <Section title={t('profile.sessions')} text={t('profile.sessions_text')}>
      {sessions.isPending && <Skeleton lines={3} />}
      {sessions.isError && (
        <ErrorState error={sessions.error} onRetry={() => void sessions.refetch()} />
      )}
      {sessions.data && (
        <>
          <Rows label={t('profile.sessions')}>
            {sessions.data.map((session) => (
              <SessionRow key={session.id} session={session} />
            ))}
          </Rows>
          <Button mt="md" variant="default" onClick={() => setAsking(true)}>
            {t('profile.sign_out_everywhere')}
          </Button>
        </>
      )}
      <Confirm
        opened={asking}
        title={t('profile.sign_out_everywhere')}
        text={t('profile.sign_out_everywhere_text')}
        action={t('profile.sign_out_everywhere')}
        busy={leave.isPending}
        error={leave.error}
        onConfirm={() => leave.mutate()}
        onClose={() => setAsking(false)}
      />
    </Section>
  );
}

function SessionRow({ session }: { session: Session }) {
  const t = useT();
  const now = useNow();
  const queries = useQueryClient();
  const end = useMutation({
    mutationFn: () => api.delete(`/api/sessions/${session.id}`),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  const seen = t('profile.seen', { when: ago(session.seen_at, now) });
  return (
    <Row
      title={
        <>
          {browserOf(session.user_agent) || t('profile.unknown_browser')}
          {session.current && <Badge tone="good">{t('profile.this_browser')}</Badge>}
        </>
      }
      meta={`${session.ip} · ${seen}`}
      end={
        !session.current && (
          <Button
            size="compact-sm"
            variant="subtle"
            loading={end.isPending}
            onClick={() => end.mutate()}
          >
            {t('shell.sign_out')}
          </Button>
        )
      }
    />
  );
}
