import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Setup } from '@/api/types';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { AuthFrame } from './AuthFrame';
import { SignInForm } from './SignInForm';
import css from './frame.module.css';

export function SignInPage({ onDone }: { onDone: () => void }) {
  const t = useT();
  const setup = useQuery({ queryKey: ['setup'], queryFn: () => api.get<Setup>('/api/setup') });
  if (setup.data?.needed) {
    return (
      <AuthFrame title={t('auth.setup_waits')}>
        <Notice tone="info">{t('auth.setup_waits_text')}</Notice>
      </AuthFrame>
    );
  }
  return (
    <AuthFrame title={t('auth.sign_in_title')}>
      <SignInForm onDone={onDone} />
      <p className={css.foot}>{t('auth.forgotten')}</p>
    </AuthFrame>
  );
}
