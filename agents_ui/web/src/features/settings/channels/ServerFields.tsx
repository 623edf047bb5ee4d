import { Checkbox, NumberInput, Select, Textarea, TextInput } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import { useState } from 'react';
import { useT } from '@/ui/i18n';
import type { MailValues } from './mail';
import css from './channels.module.css';

const PORTS = {
  imap: { tls: 993, starttls: 143, plain: 143 },
  smtp: { tls: 465, starttls: 587, plain: 25 },
} as const;

export type MailForm = UseFormReturnType<MailValues>;

export function ServerFields({ form }: { form: MailForm }) {
  const t = useT();
  const { allow_private, trusted_certificate, user } = form.values;
  const [more, setMore] = useState(allow_private || trusted_certificate !== '' || user !== '');
  return (
    <>
      <ServerRow form={form} which="imap" title={t('channels.imap')} />
      <ServerRow form={form} which="smtp" title={t('channels.smtp')} />
      <button
        type="button"
        className={css.more}
        aria-expanded={more}
        onClick={() => setMore(!more)}
      >
        {t('channels.advanced')}
      </button>
      {more && (
        <>
          <TextInput
            label={t('channels.user')}
            description={t('channels.user_hint')}
            autoComplete="off"
            {...form.getInputProps('user')}
          />
          <Checkbox
            label={t('channels.allow_private')}
            description={t('channels.allow_private_hint')}
            {...form.getInputProps('allow_private', { type: 'checkbox' })}
          />
          <Textarea
            label={t('channels.certificate')}
            description={t('channels.certificate_hint')}
            autosize
            minRows={2}
            maxRows={6}
            {...form.getInputProps('trusted_certificate')}
          />
        </>
      )}
    </>
  );
}

interface RowProps {
  form: MailForm;
  which: 'imap' | 'smtp';
  title: string;
}

function ServerRow({ form, which, title }: RowProps) {
  const t = useT();
  const { security, port } = form.values[which];
  const choose = (next: string | null) => {
    if (next !== 'tls' && next !== 'starttls' && next !== 'plain') return;
    // The usual port goes with the choice; an unusual one was typed on purpose.
    if (port === PORTS[which][security]) form.setFieldValue(`${which}.port`, PORTS[which][next]);
    form.setFieldValue(`${which}.security`, next);
  };
  return (
    <fieldset className={css.server}>
      <legend>{title}</legend>
      <TextInput label={t('channels.host')} {...form.getInputProps(`${which}.host`)} />
      <NumberInput
        label={t('channels.port')}
        min={1}
        max={65535}
        hideControls
        {...form.getInputProps(`${which}.port`)}
      />
      <Select
        label={t('channels.security')}
        data={[
          { value: 'tls', label: 'TLS' },
          { value: 'starttls', label: 'STARTTLS' },
          { value: 'plain', label: t('channels.plain') },
        ]}
        allowDeselect={false}
        value={security}
        onChange={choose}
      />
    </fieldset>
  );
}
