import { Button, Group, PasswordInput, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { api } from '@/api/http';
import type { Enrolment, RecoveryCodes } from '@/api/types';
import { useHub, useMe } from '@/entities/live';
import { CopyField } from '@/ui/CopyField';
import { Dialog, FormFooter } from '@/ui/Dialog';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { Badge, Section } from '@/ui/Page';
import { problemText } from '@/ui/problem';
import css from './profile.module.css';

/** A code from the phone beside the password: turning it on, and off. */
export function SecondFactor() {
  const t = useT();
  const me = useMe();
  const [codes, setCodes] = useState<string[] | null>(null);
  const [removing, setRemoving] = useState(false);
  const enrol = useMutation({ mutationFn: () => api.post<Enrolment>('/api/me/totp') });
  return (
    <Section title={t('profile.totp')} text={t('profile.totp_text')}>
      {codes && <Codes codes={codes} onDone={() => setCodes(null)} />}
      {!codes && me.has_totp && (
        <Group>
          <Badge tone="good">{t('profile.totp_on')}</Badge>
          <Button variant="default" onClick={() => setRemoving(true)}>
            {t('profile.totp_remove')}
          </Button>
        </Group>
      )}
      {!codes && !me.has_totp && !enrol.data && (
        <>
          {enrol.isError && <Notice tone="bad">{problemText(enrol.error)}</Notice>}
          <Button variant="default" loading={enrol.isPending} onClick={() => enrol.mutate()}>
            {t('profile.totp_begin')}
          </Button>
        </>
      )}
      {!codes && !me.has_totp && enrol.data && (
        <Confirmation
          enrolment={enrol.data}
          onDone={(made) => {
            setCodes(made);
            enrol.reset();
          }}
        />
      )}
      <Dialog opened={removing} onClose={() => setRemoving(false)} title={t('profile.totp_remove')}>
        {removing && <Removal onDone={() => setRemoving(false)} />}
      </Dialog>
    </Section>
  );
}

interface ConfirmationProps {
  enrolment: Enrolment;
  onDone: (codes: string[]) => void;
}

function Confirmation({ enrolment, onDone }: ConfirmationProps) {
  const t = useT();
  const hub = useHub();
  const form = useForm({
    initialValues: { code: '' },
    validate: { code: (code) => (/^\d{6}$/.test(code.trim()) ? null : t('auth.code_missing')) },
  });
  const confirm = useMutation({
    mutationFn: ({ code }: typeof form.values) =>
      api.put<RecoveryCodes>('/api/me/totp', { code: code.trim() }),
    onSuccess: ({ recovery_codes }) => {
      const me = hub.store.me.get();
      if (me) hub.store.me.set({ ...me, has_totp: true });
      onDone(recovery_codes);
    },
  });
  return (
    <div className={css.qr}>
      {/* As an image the QR code can run nothing, whatever it holds. */}
      <img
        src={`data:image/svg+xml,${encodeURIComponent(enrolment.svg)}`}
        alt={t('profile.totp_qr')}
      />
      <form className={css.form} onSubmit={form.onSubmit((values) => confirm.mutate(values))}>
        <div>{t('profile.totp_scan')}</div>
        <CopyField label={t('profile.totp_secret')} value={enrolment.secret} />
        {confirm.isError && <Notice tone="bad">{problemText(confirm.error)}</Notice>}
        <TextInput
          label={t('auth.code')}
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          autoFocus
          {...form.getInputProps('code')}
        />
        <div>
          <Button type="submit" loading={confirm.isPending}>
            {t('profile.totp_confirm')}
          </Button>
        </div>
      </form>
    </div>
  );
}

function Codes({ codes, onDone }: { codes: string[]; onDone: () => void }) {
  const t = useT();
  return (
    <Stack gap="md" maw={460}>
      <Notice tone="warn" title={t('profile.codes_title')}>
        {t('profile.codes_text')}
      </Notice>
      <ul className={css.codes}>
        {codes.map((code) => (
          <li key={code}>{code}</li>
        ))}
      </ul>
      <CopyField label={t('profile.codes_all')} value={codes.join(' ')} />
      <div>
        <Button onClick={onDone}>{t('profile.codes_kept')}</Button>
      </div>
    </Stack>
  );
}

function Removal({ onDone }: { onDone: () => void }) {
  const t = useT();
  const hub = useHub();
  const form = useForm({
    initialValues: { password: '' },
    validate: { password: (value) => (value ? null : t('auth.password_missing')) },
  });
  const remove = useMutation({
    mutationFn: (body: typeof form.values) => api.delete('/api/me/totp', body),
    onSuccess: () => {
      const me = hub.store.me.get();
      if (me) hub.store.me.set({ ...me, has_totp: false });
      onDone();
    },
  });
  return (
    <form onSubmit={form.onSubmit((body) => remove.mutate(body))}>
      <Stack gap="md">
        <div>{t('profile.totp_remove_text')}</div>
        {remove.isError && <Notice tone="bad">{problemText(remove.error)}</Notice>}
        <PasswordInput
          label={t('profile.current_password')}
          autoComplete="current-password"
          data-autofocus
          visibilityToggleButtonProps={{ 'aria-label': t('auth.show_password') }}
          {...form.getInputProps('password')}
        />
        <FormFooter busy={remove.isPending} action={t('profile.totp_remove')} onCancel={onDone} />
      </Stack>
    </form>
  );
}
