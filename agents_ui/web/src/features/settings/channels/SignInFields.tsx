import { PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import type { MailForm } from './ServerFields';

interface Props {
  form: MailForm;
  /** The provider can let the hub in without a password. */
  offersOAuth: boolean;
  isNew: boolean;
}

export function SignInFields({ form, offersOAuth, isNew }: Props) {
  const t = useT();
  const oauth = form.values.auth === 'oauth';
  return (
    <>
      {offersOAuth && (
        <SegmentedControl
          aria-label={t('channels.sign_in_with')}
          data={[
            { value: 'password', label: t('channels.with_password') },
            { value: 'oauth', label: t('channels.with_oauth') },
          ]}
          value={form.values.auth}
          onChange={(value) => form.setFieldValue('auth', value === 'oauth' ? 'oauth' : 'password')}
        />
      )}
      {oauth ? (
        <>
          <Notice tone="info">{t('channels.oauth_hint')}</Notice>
          <TextInput label={t('channels.client_id')} {...form.getInputProps('client_id')} />
          <PasswordInput
            label={t('channels.client_secret')}
            description={isNew ? undefined : t('channels.secret_kept')}
            autoComplete="off"
            visibilityToggleButtonProps={{ 'aria-label': t('auth.show_password') }}
            {...form.getInputProps('client_secret')}
          />
        </>
      ) : (
        <PasswordInput
          label={t('auth.password')}
          description={t(isNew ? 'channels.app_password' : 'channels.secret_kept')}
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t('auth.show_password') }}
          {...form.getInputProps('password')}
        />
      )}
    </>
  );
}
