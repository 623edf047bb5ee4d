/** Connecting a mailbox: provider, address, servers with a test, team. Nothing is asked twice. */

import { Button, Group, Stack, TextInput } from '@mantine/core';
import {
  IconAt,
  IconBrandGmail,
  IconBrandWindows,
  IconMail,
  IconServer,
} from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { api } from '@/api/http';
import type { Account, AccountKind } from '@/api/types';
import { useHub } from '@/entities/live';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { problemText } from '@/ui/problem';
import { configOf, EMPTY, presetOf, secretsOf, withGuess, withPreset } from './mail';
import { signInAtProvider } from './oauth';
import { PlaceFields } from './PlaceFields';
import { ServerFields, type MailForm } from './ServerFields';
import { SignInFields } from './SignInFields';
import { TestSteps } from './TestSteps';
import { useMailForm, useTest } from './useMailForm';
import css from './channels.module.css';

const STEPS = ['provider', 'address', 'servers', 'place', 'done'] as const;
type Step = (typeof STEPS)[number];

const ICONS: Record<string, ReactNode> = {
  Gmail: <IconBrandGmail size={26} stroke={1.5} aria-hidden />,
  'Microsoft 365': <IconBrandWindows size={26} stroke={1.5} aria-hidden />,
  Yandex: <IconMail size={26} stroke={1.5} aria-hidden />,
  'Mail.ru': <IconAt size={26} stroke={1.5} aria-hidden />,
  IMAP: <IconServer size={26} stroke={1.5} aria-hidden />,
};

export function Wizard({ kind, onClose }: { kind: AccountKind; onClose: () => void }) {
  const t = useT();
  const hub = useHub();
  const [step, setStep] = useState<Step>('provider');
  const form = useMailForm(EMPTY, true);
  const test = useTest();
  const preset = presetOf(kind, form.values.preset);
  const create = useMutation({
    mutationFn: () => {
      const { name, team_id, reopen_days } = form.values;
      return api.post<Account>('/api/accounts', {
        provider: kind.provider,
        name,
        config: configOf(form.values, preset),
        secrets: secretsOf(form.values),
        team_id,
        reopen_days,
      });
    },
    onSuccess: (account) => {
      hub.store.accounts.set(account.id, account);
      if (form.values.auth === 'oauth') void signInAtProvider(account);
      setStep('done');
    },
  });
  const choose = (name: string) => {
    form.setValues(withPreset(form.values, name, presetOf(kind, name)));
    setStep('address');
  };
  const toServers = () => {
    const checked = (['name', 'address', 'password', 'client_id'] as const).map((field) =>
      form.validateField(field),
    );
    if (checked.some((field) => field.hasError)) return;
    form.setValues(withGuess(form.values));
    test.reset();
    setStep('servers');
  };
  const runTest = async () => {
    if (form.validate().hasErrors) return;
    const result = await test.mutateAsync({
      provider: kind.provider,
      values: form.values,
      before: preset,
    });
    if (result.ok) setStep('place');
  };
  const oauth = form.values.auth === 'oauth';
  return (
    <div>
      <StepLine step={step} />
      {step === 'provider' && <Providers kind={kind} onChoose={choose} />}
      {step === 'address' && (
        <Form onSubmit={toServers}>
          <AddressFields form={form} offersOAuth={preset.auth === 'oauth'} />
          <Buttons action={t('common.next')} onBack={() => setStep('provider')} />
        </Form>
      )}
      {step === 'servers' && (
        <Form onSubmit={() => (oauth ? setStep('place') : void runTest().catch(() => undefined))}>
          <ServerFields form={form} />
          {test.isError && <Notice tone="bad">{problemText(test.error)}</Notice>}
          <TestSteps busy={test.isPending} result={test.data ?? null} />
          <Buttons
            action={t(oauth ? 'common.next' : 'channels.test_and_go')}
            busy={test.isPending}
            onBack={() => setStep('address')}
          />
        </Form>
      )}
      {step === 'place' && (
        <Form onSubmit={() => create.mutate()}>
          {!oauth && <Notice tone="good">{t('channels.test_passed')}</Notice>}
          <PlaceFields form={form} />
          {create.isError && <Notice tone="bad">{problemText(create.error)}</Notice>}
          <Buttons
            action={t(oauth ? 'channels.connect_and_sign_in' : 'channels.connect')}
            busy={create.isPending}
            onBack={() => setStep('servers')}
          />
        </Form>
      )}
      {step === 'done' && (
        <Stack gap="md">
          <Notice tone="good" title={t('channels.done', { address: form.values.address })}>
            {t('channels.done_text')}
          </Notice>
          <Button onClick={onClose} data-autofocus>
            {t('common.done')}
          </Button>
        </Stack>
      )}
    </div>
  );
}

function StepLine({ step }: { step: Step }) {
  const t = useT();
  const at = STEPS.indexOf(step);
  return (
    <div className={css.progress}>
      <div className={css.track} aria-hidden>
        {STEPS.map((name, index) => (
          <span key={name} data-done={index <= at} />
        ))}
      </div>
      <span>
        {t('channels.step_of', { at: at + 1, all: STEPS.length })} · {t(`channels.wizard_${step}`)}
      </span>
    </div>
  );
}

function Providers({ kind, onChoose }: { kind: AccountKind; onChoose: (name: string) => void }) {
  const t = useT();
  return (
    <div className={css.providers}>
      {Object.keys(kind.presets).map((name, at) => (
        <button
          key={name}
          type="button"
          className={css.provider}
          data-autofocus={at === 0 ? true : undefined}
          onClick={() => onChoose(name)}
        >
          {ICONS[name] ?? ICONS.IMAP}
          <span>{name === 'IMAP' ? t('channels.other_server') : name}</span>
        </button>
      ))}
    </div>
  );
}

function AddressFields({ form, offersOAuth }: { form: MailForm; offersOAuth: boolean }) {
  const t = useT();
  return (
    <>
      <TextInput
        label={t('channels.address')}
        type="email"
        placeholder="support@example.com"
        autoComplete="off"
        data-autofocus
        autoFocus
        {...form.getInputProps('address')}
      />
      <TextInput
        label={t('channels.name')}
        description={t('channels.name_hint')}
        {...form.getInputProps('name')}
      />
      <SignInFields form={form} offersOAuth={offersOAuth} isNew />
    </>
  );
}

function Form({ onSubmit, children }: { onSubmit: () => void; children: ReactNode }) {
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <Stack gap="md">{children}</Stack>
    </form>
  );
}

interface ButtonsProps {
  action: string;
  busy?: boolean;
  onBack: () => void;
}

function Buttons({ action, busy = false, onBack }: ButtonsProps) {
  const t = useT();
  return (
    <Group justify="space-between">
      <Button variant="default" onClick={onBack} disabled={busy}>
        {t('common.back')}
      </Button>
      <Button type="submit" loading={busy}>
        {action}
      </Button>
    </Group>
  );
}
