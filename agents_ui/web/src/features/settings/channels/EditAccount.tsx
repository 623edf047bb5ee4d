import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Account } from '@/api/types';
import { useHub } from '@/entities/live';
import { FormFooter } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { problemText } from '@/ui/problem';
import { configOf, secretsOf, valuesOf } from './mail';
import { PlaceFields } from './PlaceFields';
import { ServerFields } from './ServerFields';
import { SignInFields } from './SignInFields';
import { TestSteps } from './TestSteps';
import { useMailForm, useTest } from './useMailForm';

export function EditAccount({ account, onDone }: { account: Account; onDone: () => void }) {
  const t = useT();
  const hub = useHub();
  const form = useMailForm(valuesOf(account), false);
  const test = useTest();
  const save = useMutation({
    mutationFn: (values: typeof form.values) => {
      const { name, team_id, reopen_days } = values;
      const secrets = secretsOf(values);
      return api.patch<Account>(`/api/accounts/${account.id}`, {
        rev: account.rev,
        name,
        config: configOf(values, account.config),
        ...(Object.keys(secrets).length > 0 ? { secrets } : {}),
        team_id,
        reopen_days,
      });
    },
    onSuccess: (saved) => {
      hub.store.accounts.set(saved.id, saved);
      onDone();
    },
  });
  const runTest = () => {
    if (form.validate().hasErrors) return;
    const { provider, config, id } = account;
    test.mutate({ provider, values: form.values, before: config, accountId: id });
  };
  const offersOAuth = account.config.oauth !== undefined && form.values.auth === 'oauth';
  return (
    <form onSubmit={form.onSubmit((values) => save.mutate(values))} noValidate>
      <Stack gap="md">
        <TextInput label={t('channels.name')} data-autofocus {...form.getInputProps('name')} />
        <TextInput label={t('channels.address')} type="email" {...form.getInputProps('address')} />
        <SignInFields form={form} offersOAuth={offersOAuth} isNew={false} />
        <ServerFields form={form} />
        <PlaceFields form={form} />
        {test.isError && <Notice tone="bad">{problemText(test.error)}</Notice>}
        <TestSteps busy={test.isPending} result={test.data ?? null} />
        {save.isError && <Notice tone="bad">{problemText(save.error)}</Notice>}
        <Group justify="space-between">
          <Button variant="default" loading={test.isPending} onClick={runTest}>
            {t('channels.test')}
          </Button>
          <FormFooter busy={save.isPending} action={t('common.save')} onCancel={onDone} />
        </Group>
      </Stack>
    </form>
  );
}
