import { Button, Menu, Stack } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { AgentLink, FullAgent, Role } from '@/api/types';
import { useMe, useTeams } from '@/entities/live';
import { list } from '@/lib/format';
import { tMaybe } from '@/lib/i18n';
import { CopyField } from '@/ui/CopyField';
import { Confirm, Dialog } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { Badge, Page, Row, Rows } from '@/ui/Page';
import { problemText } from '@/ui/problem';
import { RowMenu } from '@/ui/RowMenu';
import { ErrorState, Skeleton } from '@/ui/states';
import { AgentForm } from './AgentForm';

type Open =
  | { kind: 'edit'; agent: FullAgent | null }
  | { kind: 'leave'; agent: FullAgent }
  | { kind: 'link'; name: string; link: string }
  | null;

const TONES = { active: 'good', invited: 'info', left: 'quiet' } as const;

export default function AgentsPage() {
  const t = useT();
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const agents = useQuery({
    queryKey: ['agents'],
    queryFn: () => api.get<FullAgent[]>('/api/agents'),
  });
  const roles = useQuery({ queryKey: ['roles'], queryFn: () => api.get<Role[]>('/api/roles') });
  const close = () => setOpen(null);
  const saved = (name: string, link: string | null) => {
    void queries.invalidateQueries({ queryKey: ['agents'] });
    setOpen(link === null ? null : { kind: 'link', name, link });
  };
  return (
    <Page
      title={t('admin.agents')}
      lead={t('agents.lead')}
      actions={
        <Button
          leftSection={<IconUserPlus size={16} />}
          onClick={() => setOpen({ kind: 'edit', agent: null })}
        >
          {t('agents.invite')}
        </Button>
      }
    >
      {agents.isPending && <Skeleton />}
      {agents.isError && <ErrorState error={agents.error} onRetry={() => void agents.refetch()} />}
      {agents.data && (
        <Rows label={t('admin.agents')}>
          {agents.data.map((agent) => (
            <AgentRow key={agent.id} agent={agent} onOpen={setOpen} />
          ))}
        </Rows>
      )}
      <Dialog
        opened={open?.kind === 'edit'}
        onClose={close}
        title={t(open?.kind === 'edit' && open.agent ? 'agents.edit' : 'agents.invite')}
      >
        {open?.kind === 'edit' && (
          <AgentForm agent={open.agent} roles={roles.data ?? []} onDone={saved} onCancel={close} />
        )}
      </Dialog>
      <Dialog opened={open?.kind === 'link'} onClose={close} title={t('agents.link_title')}>
        {open?.kind === 'link' && (
          <Stack gap="md">
            <div>{t('agents.link_text', { name: open.name })}</div>
            <CopyField label={t('agents.link')} value={open.link} />
            <Button onClick={close}>{t('common.done')}</Button>
          </Stack>
        )}
      </Dialog>
      <Leave agent={open?.kind === 'leave' ? open.agent : null} onClose={close} />
    </Page>
  );
}

function AgentRow({ agent, onOpen }: { agent: FullAgent; onOpen: (open: Open) => void }) {
  const t = useT();
  const me = useMe();
  const queries = useQueryClient();
  const teams = useTeams().filter((team) => agent.team_ids.includes(team.id));
  const roleNames = agent.role_keys.map((key) => tMaybe(`role.${key}`, key));
  const link = useMutation({
    mutationFn: () => api.post<AgentLink>(`/api/agents/${agent.id}/link`),
    onSuccess: (made) => onOpen({ kind: 'link', name: agent.name, link: made.link }),
  });
  const back = useMutation({
    mutationFn: () => api.patch(`/api/agents/${agent.id}`, { status: 'active' }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['agents'] }),
  });
  const error = link.error ?? back.error;
  const meta = [agent.login, list(roleNames), list(teams.map((team) => team.name))];
  return (
    <Row
      title={
        <>
          {agent.name}
          <Badge tone={TONES[agent.status]}>{t(`agents.status_${agent.status}`)}</Badge>
          {agent.has_totp && <Badge tone="quiet">{t('agents.has_totp')}</Badge>}
        </>
      }
      meta={meta.filter(Boolean).join(' · ')}
      end={
        <RowMenu label={t('common.actions_for', { name: agent.name })}>
          <Menu.Item onClick={() => onOpen({ kind: 'edit', agent })}>{t('common.edit')}</Menu.Item>
          {agent.status !== 'left' && (
            <Menu.Item onClick={() => link.mutate()}>
              {t(agent.status === 'invited' ? 'agents.new_invitation' : 'agents.reset_link')}
            </Menu.Item>
          )}
          {agent.status === 'left' ? (
            <Menu.Item onClick={() => back.mutate()}>{t('agents.take_back')}</Menu.Item>
          ) : (
            agent.id !== me.id && (
              <Menu.Item color="red" onClick={() => onOpen({ kind: 'leave', agent })}>
                {t('agents.deactivate')}
              </Menu.Item>
            )
          )}
        </RowMenu>
      }
    >
      {error && <Notice tone="bad">{problemText(error)}</Notice>}
    </Row>
  );
}

function Leave({ agent, onClose }: { agent: FullAgent | null; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const leave = useMutation({
    mutationFn: (id: string) => api.patch(`/api/agents/${id}`, { status: 'left' }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['agents'] });
      onClose();
    },
  });
  return (
    <Confirm
      opened={agent !== null}
      title={t('agents.deactivate_title', { name: agent?.name ?? '' })}
      text={t('agents.deactivate_text')}
      action={t('agents.deactivate')}
      busy={leave.isPending}
      error={leave.error}
      onConfirm={() => agent && leave.mutate(agent.id)}
      onClose={onClose}
    />
  );
}
