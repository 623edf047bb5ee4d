import { Button, Group, NumberInput, PasswordInput, Select, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState, type FormEvent, type ReactNode } from 'react';
import { api } from '@/api/http';
import type { Account, AccountKind, TestResult } from '@/api/types';
import { useHub, useTeams } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { problemText } from '@/ui/problem';
import { HookUrl } from './HookUrl';
import { isUsual, providerName, typeOf } from './kinds';
import {
  blamed,
  configFrom,
  fieldsOf,
  initialValues,
  missing,
  secretsOfKind,
  type SecretField,
  type Values,
} from './schema';
import { fieldTitle, SchemaFields } from './SchemaFields';
import { TestSteps } from './TestSteps';
import { OWN_FIELDS, WebchatFields } from './webchat/WebchatFields';
import css from './channels.module.css';

const TEST_MS = 60_000;

interface AccountFormProps {
  kind: AccountKind;
  /** The account that is changed; none while one is connected. */
  account?: Account;
  preset?: Values;
  /** What is to be known before the fields make sense. */
  children?: ReactNode;
  onSaved: (account: Account) => void;
  onCancel: () => void;
  cancel: string;
}

/** The settings of any account, made of its adapter's own description, with a test. */
export function AccountForm(props: AccountFormProps) {
  const { kind, account, preset = {}, children, onSaved, onCancel, cancel } = props;
  const t = useT();
  const hub = useHub();
  const teams = useTeams();
  const fields = fieldsOf(kind).filter(({ name }) => name !== 'name');
  const scope = typeOf(kind.provider);
  const secretFields = secretsOfKind(kind);
  const [values, setValues] = useState<Values>(() =>
    initialValues(fields, preset, account?.config ?? {}),
  );
  const [secrets, setSecrets] = useState<Record<string, string>>({});
  const [place, setPlace] = useState({
    name: account?.name ?? '',
    team_id: account?.team_id ?? null,
    reopen_days: account?.reopen_days ?? 14,
  });
  const [tried, setTried] = useState(false);
  const [more, setMore] = useState(false);
  const lacking = missing(fields, values);
  const lackingSecrets = account
    ? []
    : secretFields.filter(({ name, required }) => required && !secrets[name]);
  const complete = lacking.length + lackingSecrets.length === 0 && place.name.trim() !== '';
  const given = Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ''));
  const config = {
    ...configFrom(fields, values),
    ...('name' in allOf(kind) ? { name: place.name } : {}),
  };
  const test = useMutation({
    mutationFn: () =>
      api.post<TestResult>(
        '/api/accounts/test',
        {
          provider: kind.provider,
          config,
          secrets: given,
          ...(account ? { account_id: account.id } : {}),
        },
        { timeout: TEST_MS },
      ),
  });
  const save = useMutation({
    mutationFn: () => {
      const body = {
        ...place,
        config,
        ...(Object.keys(given).length > 0 || !account ? { secrets: given } : {}),
      };
      return account
        ? api.patch<Account>(`/api/accounts/${account.id}`, { rev: account.rev, ...body })
        : api.post<Account>('/api/accounts', { provider: kind.provider, ...body });
    },
    onSuccess: (saved) => {
      hub.store.accounts.set(saved.id, saved);
      onSaved(saved);
    },
  });
  const refusal = save.error ?? test.error;
  const said = refusal ? problemText(refusal) : '';
  const blame = blamed(said, fields);
  const errors = Object.fromEntries([
    ...(tried ? lacking.map((name) => [name, t('channels.missing')] as const) : []),
    ...(blame ? [[blame.name, blame.why] as const] : []),
  ]);
  const isWebchat = scope === 'webchat';
  const others = isWebchat ? fields.filter(({ name }) => !OWN_FIELDS.has(name)) : fields;
  const usual = others.filter(({ name, required }) => isUsual(scope, name, required));
  const rest = others.filter((field) => !usual.includes(field));
  const showsRest = more || rest.some(({ name }) => name in errors);
  const change = (name: string, value: unknown) => {
    setValues((all) => ({ ...all, [name]: value }));
    if (refusal) {
      test.reset();
      save.reset();
    }
  };
  const attempt = (work: () => void) => {
    setTried(true);
    if (complete) work();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    attempt(() => save.mutate());
  };
  // A secret that may be left out is one of the unusual settings, except where providers differ.
  const isAsked = ({ required }: SecretField) => required || scope === 'sms';
  const unasked = secretFields.filter((field) => !isAsked(field));
  const secretField = (field: SecretField) => (
    <Secret
      key={field.name}
      field={field}
      stored={account !== undefined}
      value={secrets[field.name] ?? ''}
      error={tried && lackingSecrets.includes(field) ? t('channels.missing') : null}
      onChange={(value) => setSecrets((all) => ({ ...all, [field.name]: value }))}
    />
  );
  return (
    <form onSubmit={submit} noValidate>
      <Stack gap="md">
        {children}
        <TextInput
          label={t('channels.account_name')}
          description={t('channels.account_name_hint')}
          placeholder={providerName(kind)}
          withAsterisk
          data-autofocus
          maxLength={100}
          value={place.name}
          error={tried && place.name.trim() === '' ? t('channels.missing') : null}
          onChange={(event) => setPlace({ ...place, name: event.currentTarget.value })}
        />
        <SchemaFields
          scope={scope}
          fields={usual}
          values={values}
          errors={errors}
          onChange={change}
        />
        {secretFields.filter(isAsked).map(secretField)}
        {isWebchat && <WebchatFields value={values} errors={errors} onChange={change} />}
        {account && <HookUrl account={account} />}
        <Select
          label={t('channels.team')}
          description={t('channels.team_hint')}
          placeholder={t('channels.no_team')}
          clearable
          clearButtonProps={{ 'aria-label': t('common.clear') }}
          data={teams.map(({ id, name }) => ({ value: id, label: name }))}
          value={place.team_id}
          onChange={(team_id) => setPlace({ ...place, team_id })}
        />
        {rest.length + unasked.length > 0 && (
          <button
            type="button"
            className={css.more}
            aria-expanded={showsRest}
            onClick={() => setMore(!more)}
          >
            {t('channels.advanced')}
          </button>
        )}
        {showsRest && (
          <>
            <SchemaFields
              scope={scope}
              fields={rest}
              values={values}
              errors={errors}
              onChange={change}
            />
            {unasked.map(secretField)}
            <NumberInput
              label={t('channels.reopen')}
              description={t('channels.reopen_hint')}
              min={0}
              max={3650}
              w={240}
              value={place.reopen_days}
              onChange={(days) => setPlace({ ...place, reopen_days: Number(days) || 0 })}
            />
          </>
        )}
        {said !== '' && blame === null && <Notice tone="bad">{said}</Notice>}
        <TestSteps busy={test.isPending} result={test.data ?? null} type={scope} />
        <Group justify="space-between">
          <Button
            variant="default"
            loading={test.isPending}
            onClick={() => attempt(() => test.mutate())}
          >
            {t('channels.test')}
          </Button>
          <Group>
            <Button variant="default" onClick={onCancel}>
              {cancel}
            </Button>
            <Button type="submit" loading={save.isPending}>
              {t(account ? 'common.save' : 'channels.connect')}
            </Button>
          </Group>
        </Group>
      </Stack>
    </form>
  );
}

const allOf = (kind: AccountKind): Record<string, unknown> =>
  (kind.schema.properties ?? {}) as Record<string, unknown>;

interface SecretProps {
  field: SecretField;
  stored: boolean;
  value: string;
  error: string | null;
  onChange: (value: string) => void;
}

function Secret({ field, stored, value, error, onChange }: SecretProps) {
  const t = useT();
  return (
    <PasswordInput
      label={fieldTitle(field.name, field.title)}
      description={stored ? t('channels.secret_kept') : field.help || undefined}
      withAsterisk={field.required && !stored}
      autoComplete="off"
      visibilityToggleButtonProps={{ 'aria-label': t('auth.show_password') }}
      value={value}
      error={error}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
