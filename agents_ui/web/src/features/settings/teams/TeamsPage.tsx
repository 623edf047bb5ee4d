import { Button, Menu, MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconPlus, IconUsersGroup } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Team } from '@/api/types';
import { useAgents, useBranches, useHub, useTeams } from '@/entities/live';
import { list } from '@/lib/format';
import { Confirm, Dialog, FormFooter } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { Page, Row, Rows } from '@/ui/Page';
import { problemText } from '@/ui/problem';
import { RowMenu } from '@/ui/RowMenu';
import { EmptyState } from '@/ui/states';

type Open = { kind: 'edit'; team: Team | null } | { kind: 'remove'; team: Team } | null;

export default function TeamsPage() {
  const t = useT();
  const teams = useTeams().toSorted((a, b) => a.name.localeCompare(b.name));
  const agents = new Map(useAgents().map((agent) => [agent.id, agent.name]));
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  const members = (team: Team) => {
    const names = team.member_ids.flatMap((id) => agents.get(id) ?? []);
    return names.length > 0 ? list(names) : t('teams.nobody');
  };
  return (
    <Page
      title={t('admin.teams')}
      lead={t('teams.lead')}
      actions={
        <Button
          leftSection={<IconPlus size={16} />}
          onClick={() => setOpen({ kind: 'edit', team: null })}
        >
          {t('teams.add')}
        </Button>
      }
    >
      {teams.length === 0 ? (
        <EmptyState
          icon={<IconUsersGroup size={26} stroke={1.6} />}
          title={t('teams.none')}
          text={t('teams.none_text')}
        />
      ) : (
        <Rows label={t('admin.teams')}>
          {teams.map((team) => (
            <Row
              key={team.id}
              title={team.name}
              meta={members(team)}
              end={
                <RowMenu label={t('common.actions_for', { name: team.name })}>
                  <Menu.Item onClick={() => setOpen({ kind: 'edit', team })}>
                    {t('common.edit')}
                  </Menu.Item>
                  <Menu.Item color="red" onClick={() => setOpen({ kind: 'remove', team })}>
                    {t('teams.archive')}
                  </Menu.Item>
                </RowMenu>
              }
            />
          ))}
        </Rows>
      )}
      <Dialog
        opened={open?.kind === 'edit'}
        onClose={close}
        title={t(open?.team ? 'teams.edit' : 'teams.add')}
      >
        {open?.kind === 'edit' && <TeamForm team={open.team} onDone={close} />}
      </Dialog>
      <Archive team={open?.kind === 'remove' ? open.team : null} onClose={close} />
    </Page>
  );
}

function TeamForm({ team, onDone }: { team: Team | null; onDone: () => void }) {
  const t = useT();
  const hub = useHub();
  const branches = useBranches();
  const agents = useAgents().filter((agent) => agent.status !== 'left');
  const form = useForm({
    initialValues: {
      name: team?.name ?? '',
      branch_id: team?.branch_id ?? branches[0]?.id ?? null,
      member_ids: team?.member_ids ?? [],
    },
    validate: { name: (name) => (name.trim() ? null : t('common.name_missing')) },
  });
  const save = useMutation({
    mutationFn: (values: typeof form.values) => saveTeam(team, values),
    onSuccess: (saved) => {
      hub.store.teams.set(saved.id, saved);
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))}>
      <Stack gap="md">
        {save.isError && <Notice tone="bad">{problemText(save.error)}</Notice>}
        <TextInput label={t('common.name')} data-autofocus {...form.getInputProps('name')} />
        {branches.length > 1 && (
          <Select
            label={t('common.branch')}
            data={branches.map(({ id, name }) => ({ value: id, label: name }))}
            allowDeselect={false}
            {...form.getInputProps('branch_id')}
          />
        )}
        <MultiSelect
          label={t('teams.members')}
          data={agents.map(({ id, name }) => ({ value: id, label: name }))}
          searchable
          hidePickedOptions
          {...form.getInputProps('member_ids')}
        />
        <FormFooter busy={save.isPending} action={t('common.save')} onCancel={onDone} />
      </Stack>
    </form>
  );
}

interface TeamValues {
  name: string;
  branch_id: string | null;
  member_ids: string[];
}

async function saveTeam(team: Team | null, values: TeamValues): Promise<Team> {
  const { name, branch_id, member_ids } = values;
  const place = branch_id === null ? {} : { branch_id };
  if (team === null) return api.post<Team>('/api/teams', { name, ...place, member_ids });
  await api.patch<Team>(`/api/teams/${team.id}`, { name, ...place });
  return api.put<Team>(`/api/teams/${team.id}/members`, { member_ids });
}

function Archive({ team, onClose }: { team: Team | null; onClose: () => void }) {
  const t = useT();
  const hub = useHub();
  const archive = useMutation({
    mutationFn: (id: string) => api.delete(`/api/teams/${id}`),
    onSuccess: (_nothing, id) => {
      hub.store.teams.delete(id);
      onClose();
    },
  });
  return (
    <Confirm
      opened={team !== null}
      title={t('teams.archive_title', { name: team?.name ?? '' })}
      text={t('teams.archive_text')}
      action={t('teams.archive')}
      busy={archive.isPending}
      error={archive.error}
      onConfirm={() => team && archive.mutate(team.id)}
      onClose={onClose}
    />
  );
}
