import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Me, Setup } from '@/api/types';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { useLocale } from '@/ui/locale';
import { problemText } from '@/ui/problem';
import { AuthFrame } from './AuthFrame';
import { MIN_PASSWORD, NewPassword } from '@/ui/NewPassword';
import css from './frame.module.css';

/** The first owner, from the link the hub printed when it started. */
export function SetupPage({ token, onDone }: { token: string; onDone: () => void }) {
  const t = useT();
  const locale = useLocale();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => api.get<Setup>('/api/setup') });
  const form = useForm({
    initialValues: { name: '', login: '', password: '' },
    validate: {
      name: (value) => (value.trim() ? null : t('auth.name_missing')),
      login: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('auth.login_missing')),
      password: (value) =>
        value.length >= MIN_PASSWORD ? null : t('auth.password_short', { count: MIN_PASSWORD }),
    },
  });
  const begin = useMutation({
    mutationFn: (body: typeof form.values) =>
      api.post<Me>('/api/setup', { ...body, token, locale }),
    onSuccess: onDone,
  });
  if (setup.data?.needed === false || !token) {
    return (
      <AuthFrame title={t('auth.setup_over')}>
        <Notice tone="info">{t('auth.setup_over_text')}</Notice>
        <Button component="a" href="/" mt="md" fullWidth>
          {t('auth.sign_in')}
        </Button>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t('auth.setup_title')} lead={t('auth.setup_lead')}>
      <form className={css.form} onSubmit={form.onSubmit((body) => begin.mutate(body))} noValidate>
        {begin.isError && <Notice tone="bad">{problemText(begin.error)}</Notice>}
        <TextInput
          label={t('auth.name')}
          autoComplete="name"
          autoFocus
          {...form.getInputProps('name')}
        />
        <TextInput
          label={t('auth.login')}
          type="email"
          autoComplete="username"
          {...form.getInputProps('login')}
        />
        <NewPassword {...form.getInputProps('password')} />
        <Button type="submit" loading={begin.isPending} size="md" fullWidth>
          {t('auth.setup_begin')}
        </Button>
      </form>
    </AuthFrame>
  );
}
