import { Button, Menu, MultiSelect, Select, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { IconKey, IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { ApiKey, MadeKey } from '@/api/types';
import { useAgents, useMe } from '@/entities/live';
import { ago, list, shortDateTime } from '@/lib/format';
import { useNow } from '@/ui/clock';
import { CopyField } from '@/ui/CopyField';
import { Confirm, Dialog, FormFooter } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { Page, Row, Rows } from '@/ui/Page';
import { problemText } from '@/ui/problem';
import { RowMenu } from '@/ui/RowMenu';
import { EmptyState, ErrorState, Skeleton } from '@/ui/states';

type Open =
  { kind: 'make' } | { kind: 'made'; made: MadeKey } | { kind: 'revoke'; key: ApiKey } | null;

export default function KeysPage() {
  const t = useT();
  const queries = useQueryClient();
  const [open, setOpen] = useState<Open>(null);
  const keys = useQuery({
    queryKey: ['api-keys'],
    queryFn: () => api.get<ApiKey[]>('/api/api-keys'),
  });
  const close = () => setOpen(null);
  const made = (key: MadeKey) => {
    void queries.invalidateQueries({ queryKey: ['api-keys'] });
    setOpen({ kind: 'made', made: key });
  };
  return (
    <Page
      title={t('admin.keys')}
      lead={t('keys_page.lead')}
      actions={
        <Button leftSection={<IconPlus size={16} />} onClick={() => setOpen({ kind: 'make' })}>
          {t('keys_page.add')}
        </Button>
      }
    >
      {keys.isPending && <Skeleton />}
      {keys.isError && <ErrorState error={keys.error} onRetry={() => void keys.refetch()} />}
      {keys.data?.length === 0 && (
        <EmptyState
          icon={<IconKey size={26} stroke={1.6} />}
          title={t('keys_page.none')}
          text={t('keys_page.none_text')}
        />
      )}
      {keys.data && keys.data.length > 0 && (
        <Rows label={t('admin.keys')}>
          {keys.data.map((key) => (
            <KeyRow key={key.id} apiKey={key} onRevoke={() => setOpen({ kind: 'revoke', key })} />
          ))}
        </Rows>
      )}
      <Dialog opened={open?.kind === 'make'} onClose={close} title={t('keys_page.add')}>
        {open?.kind === 'make' && <KeyForm onDone={made} onCancel={close} />}
      </Dialog>
      <Dialog opened={open?.kind === 'made'} onClose={close} title={t('keys_page.made')}>
        {open?.kind === 'made' && (
          <Stack gap="md">
            <Notice tone="warn">{t('keys_page.made_text')}</Notice>
            <CopyField label={open.made.key.name} value={open.made.secret} />
            <Button onClick={close}>{t('common.done')}</Button>
          </Stack>
        )}
      </Dialog>
      <Revoke apiKey={open?.kind === 'revoke' ? open.key : null} onClose={close} />
    </Page>
  );
}

function KeyRow({ apiKey, onRevoke }: { apiKey: ApiKey; onRevoke: () => void }) {
  const t = useT();
  const now = useNow();
  const owner = useAgents().find((agent) => agent.id === apiKey.agent_id)?.name ?? '';
  const used = apiKey.used_at
    ? t('keys_page.used', { when: ago(apiKey.used_at, now) })
    : t('keys_page.never_used');
  const ends = apiKey.expires_at
    ? t('keys_page.expires', { when: shortDateTime(apiKey.expires_at) })
    : t('keys_page.no_end');
  return (
    <Row
      title={
        <>
          {apiKey.name} <code>{apiKey.hint}…</code>
        </>
      }
      meta={[owner, used, ends, list(apiKey.scopes)].filter(Boolean).join(' · ')}
      end={
        <RowMenu label={t('common.actions_for', { name: apiKey.name })}>
          <Menu.Item color="red" onClick={onRevoke}>
            {t('keys_page.revoke')}
          </Menu.Item>
        </RowMenu>
      }
    />
  );
}

const DAY_MS = 86_400_000;

function KeyForm({ onDone, onCancel }: { onDone: (key: MadeKey) => void; onCancel: () => void }) {
  const t = useT();
  const scopes = Object.keys(useMe().permissions).toSorted();
  const form = useForm({
    initialValues: { name: '', scopes: [] as string[], days: '365' },
    validate: {
      name: (value) => (value.trim() ? null : t('common.name_missing')),
      scopes: (value) => (value.length > 0 ? null : t('keys_page.scopes_missing')),
    },
  });
  const make = useMutation({
    mutationFn: ({ name, scopes: wanted, days }: typeof form.values) => {
      const end = days === '' ? null : new Date(Date.now() + Number(days) * DAY_MS).toISOString();
      return api.post<MadeKey>('/api/api-keys', { name, scopes: wanted, expires_at: end });
    },
    onSuccess: onDone,
  });
  return (
    <form onSubmit={form.onSubmit((values) => make.mutate(values))}>
      <Stack gap="md">
        {make.isError && <Notice tone="bad">{problemText(make.error)}</Notice>}
        <TextInput
          label={t('common.name')}
          description={t('keys_page.name_hint')}
          data-autofocus
          {...form.getInputProps('name')}
        />
        <MultiSelect
          label={t('keys_page.scopes')}
          description={t('keys_page.scopes_hint')}
          data={scopes}
          searchable
          hidePickedOptions
          {...form.getInputProps('scopes')}
        />
        <Select
          label={t('keys_page.lasts')}
          data={[
            { value: '30', label: t('keys_page.days', { count: 30 }) },
            { value: '90', label: t('keys_page.days', { count: 90 }) },
            { value: '365', label: t('keys_page.days', { count: 365 }) },
            { value: '', label: t('keys_page.no_end') },
          ]}
          allowDeselect={false}
          {...form.getInputProps('days')}
        />
        <FormFooter busy={make.isPending} action={t('keys_page.add')} onCancel={onCancel} />
      </Stack>
    </form>
  );
}

function Revoke({ apiKey, onClose }: { apiKey: ApiKey | null; onClose: () => void }) {
  const t = useT();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: (id: string) => api.delete(`/api/api-keys/${id}`),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['api-keys'] });
      onClose();
    },
  });
  return (
    <Confirm
      opened={apiKey !== null}
      title={t('keys_page.revoke_title', { name: apiKey?.name ?? '' })}
      text={t('keys_page.revoke_text')}
      action={t('keys_page.revoke')}
      busy={revoke.isPending}
      error={revoke.error}
      onConfirm={() => apiKey && revoke.mutate(apiKey.id)}
      onClose={onClose}
    />
  );
}
