import { Button, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useMutation, useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Link, Me } from '@/api/types';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { problemText } from '@/ui/problem';
import { Skeleton } from '@/ui/states';
import { AuthFrame } from './AuthFrame';
import { MIN_PASSWORD, NewPassword } from '@/ui/NewPassword';
import css from './frame.module.css';

/** An invitation, or a password reset: a link that works once. */
export function LinkPage({ token, onDone }: { token: string; onDone: () => void }) {
  const t = useT();
  const path = `/api/links/${encodeURIComponent(token)}`;
  const link = useQuery({
    queryKey: ['link', path],
    queryFn: () => api.get<Link>(path),
    retry: false,
    staleTime: Infinity,
  });
  if (link.isPending) {
    return (
      <AuthFrame title={t('common.loading')}>
        <Skeleton lines={4} />
      </AuthFrame>
    );
  }
  if (link.isError) {
    return (
      <AuthFrame title={t('auth.link_gone')}>
        <Notice tone="warn">{t('auth.link_gone_text')}</Notice>
        <Button component="a" href="/" variant="default" mt="md" fullWidth>
          {t('auth.sign_in')}
        </Button>
      </AuthFrame>
    );
  }
  const invited = link.data.purpose === 'invite';
  return (
    <AuthFrame
      title={t(invited ? 'auth.welcome' : 'auth.reset_title', { name: link.data.name })}
      lead={t(invited ? 'auth.welcome_text' : 'auth.reset_text', { login: link.data.login })}
    >
      <LinkForm path={path} link={link.data} onDone={onDone} />
    </AuthFrame>
  );
}

function LinkForm({ path, link, onDone }: { path: string; link: Link; onDone: () => void }) {
  const t = useT();
  const form = useForm({
    initialValues: { name: link.name, password: '' },
    validate: {
      name: (value) => (value.trim() ? null : t('auth.name_missing')),
      password: (value) =>
        value.length >= MIN_PASSWORD ? null : t('auth.password_short', { count: MIN_PASSWORD }),
    },
  });
  const use = useMutation({
    mutationFn: (body: typeof form.values) => api.post<Me>(path, body),
    onSuccess: onDone,
  });
  return (
    <form className={css.form} onSubmit={form.onSubmit((body) => use.mutate(body))} noValidate>
      {use.isError && <Notice tone="bad">{problemText(use.error)}</Notice>}
      <input type="hidden" name="username" autoComplete="username" value={link.login} readOnly />
      {link.purpose === 'invite' && (
        <TextInput label={t('auth.name')} autoComplete="name" {...form.getInputProps('name')} />
      )}
      <NewPassword autoFocus {...form.getInputProps('password')} />
      <Button type="submit" loading={use.isPending} size="md" fullWidth>
        {t('auth.set_password')}
      </Button>
    </form>
  );
}
