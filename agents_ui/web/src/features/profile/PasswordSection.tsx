import { Button, PasswordInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '@/api/http';
import { useT } from '@/ui/i18n';
import { MIN_PASSWORD, NewPassword } from '@/ui/NewPassword';
import { Notice } from '@/ui/Notice';
import { Section } from '@/ui/Page';
import { problemText } from '@/ui/problem';
import { toastDone } from '@/ui/toast';
import css from './profile.module.css';

export function PasswordSection() {
  const t = useT();
  const queries = useQueryClient();
  const form = useForm({
    initialValues: { current: '', next: '' },
    validate: {
      current: (value) => (value ? null : t('auth.password_missing')),
      next: (value) =>
        value.length >= MIN_PASSWORD ? null : t('auth.password_short', { count: MIN_PASSWORD }),
    },
  });
  const save = useMutation({
    mutationFn: ({ current, next }: typeof form.values) =>
      api.post('/api/me/password', { current, new: next }),
    onSuccess: () => {
      form.reset();
      void queries.invalidateQueries({ queryKey: ['sessions'] });
      toastDone(t('profile.password_changed'));
    },
  });
  return (
    <Section title={t('auth.password')} text={t('profile.password_text')}>
      <form className={css.form} onSubmit={form.onSubmit((values) => save.mutate(values))}>
        {save.isError && <Notice tone="bad">{problemText(save.error)}</Notice>}
        <PasswordInput
          label={t('profile.current_password')}
          autoComplete="current-password"
          visibilityToggleButtonProps={{ 'aria-label': t('auth.show_password') }}
          {...form.getInputProps('current')}
        />
        <NewPassword {...form.getInputProps('next')} />
        <div>
          <Button type="submit" variant="default" loading={save.isPending}>
            {t('profile.change_password')}
          </Button>
        </div>
      </form>
    </Section>
  );
}
