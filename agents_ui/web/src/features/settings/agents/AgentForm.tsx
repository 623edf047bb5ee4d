import { MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { FullAgent, Invited, Role } from '@/api/types';
import { useBranches, useTeams } from '@/entities/live';
import { locale, tMaybe } from '@/lib/i18n';
import { FormFooter } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { problemText } from '@/ui/problem';

interface Props {
  /** Null for somebody new. */
  agent: FullAgent | null;
  roles: readonly Role[];
  /** With the link to hand over, for somebody new. */
  onDone: (name: string, link: string | null) => void;
  onCancel: () => void;
}

export function AgentForm({ agent, roles, onDone, onCancel }: Props) {
  const t = useT();
  const teams = useTeams();
  const branches = useBranches();
  const form = useForm({
    initialValues: {
      name: agent?.name ?? '',
      login: agent?.login ?? '',
      branch_id: agent?.branch_id ?? branches[0]?.id ?? null,
      role_keys: agent?.role_keys ?? ['manager'],
      team_ids: agent?.team_ids ?? [],
    },
    validate: {
      name: (value) => (value.trim() ? null : t('common.name_missing')),
      login: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('auth.login_missing')),
      role_keys: (keys) => (keys.length > 0 ? null : t('agents.role_missing')),
    },
  });
  const save = useMutation({
    mutationFn: async (values: typeof form.values) => {
      const { branch_id, ...rest } = values;
      const body = branch_id === null ? rest : { ...rest, branch_id };
      if (agent) {
        await api.patch<FullAgent>(`/api/agents/${agent.id}`, body);
        return null;
      }
      return (await api.post<Invited>('/api/agents', { ...body, locale: locale() })).link;
    },
    onSuccess: (link, { name }) => onDone(name, link),
  });
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="md">
        {save.isError && <Notice tone="bad">{problemText(save.error)}</Notice>}
        <TextInput label={t('auth.name')} data-autofocus {...form.getInputProps('name')} />
        <TextInput label={t('auth.login')} type="email" {...form.getInputProps('login')} />
        <MultiSelect
          label={t('agents.roles')}
          data={roles.map(({ key, name }) => ({ value: key, label: tMaybe(`role.${key}`, name) }))}
          hidePickedOptions
          {...form.getInputProps('role_keys')}
        />
        {teams.length > 0 && (
          <MultiSelect
            label={t('admin.teams')}
            data={teams.map(({ id, name }) => ({ value: id, label: name }))}
            hidePickedOptions
            {...form.getInputProps('team_ids')}
          />
        )}
        {branches.length > 1 && (
          <Select
            label={t('common.branch')}
            data={branches.map(({ id, name }) => ({ value: id, label: name }))}
            allowDeselect={false}
            {...form.getInputProps('branch_id')}
          />
        )}
        <FormFooter
          busy={save.isPending}
          action={t(agent ? 'common.save' : 'agents.invite')}
          onCancel={onCancel}
        />
      </Stack>
    </form>
  );
}
