import { PasswordInput } from '@mantine/core';
import type { ComponentProps } from 'react';
import { useT } from './i18n';

export const MIN_PASSWORD = 10;

/** A field for a password nobody has yet: managers may fill it, and it says what is asked. */
export function NewPassword(props: ComponentProps<typeof PasswordInput>) {
  const t = useT();
  return (
    <PasswordInput
      label={t('auth.new_password')}
      description={t('auth.password_rule', { count: MIN_PASSWORD })}
      autoComplete="new-password"
      visibilityToggleButtonProps={{ 'aria-label': t('auth.show_password') }}
      {...props}
    />
  );
}
