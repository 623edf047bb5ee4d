import { Button, PasswordInput, TextInput } from '@mantine/core';
import { useForm, type UseFormReturnType } from '@mantine/form';
import { useState, type KeyboardEvent } from 'react';
import { api, Problem } from '@/api/http';
import type { Me } from '@/api/types';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { problemText } from '@/ui/problem';
import { useCountdown } from '@/ui/useCountdown';
import css from './frame.module.css';

interface Props {
  /** Known when somebody signs in again over the page they were working on. */
  login?: string;
  onDone: (me: Me) => void;
}

/** Password first; the second factor only when the hub asks for it. */
export function SignInForm({ login = '', onDone }: Props) {
  const t = useT();
  const [step, setStep] = useState<'password' | 'code'>('password');
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [until, setUntil] = useState<number | null>(null);
  const wait = useCountdown(until);
  const form = useForm<Values>({
    initialValues: { login, password: '', code: '' },
    validate: {
      login: (value) => (value.trim() ? null : t('auth.login_missing')),
      password: (value) => (value ? null : t('auth.password_missing')),
      code: (value) => (step === 'password' || value.trim() ? null : t('auth.code_missing')),
    },
  });

  const submit = async (values: Values) => {
    setBusy(true);
    setError(null);
    try {
      const { code, ...who } = values;
      const body = step === 'code' ? { ...who, code: code.trim() } : who;
      onDone(await api.post<Me>('/api/session', body));
    } catch (problem) {
      refused(problem);
    } finally {
      setBusy(false);
    }
  };

  const refused = (problem: unknown) => {
    if (problem instanceof Problem && problem.code === 'session.code_needed') {
      setStep('code');
      return;
    }
    form.setFieldValue('code', '');
    if (problem instanceof Problem && problem.status === 429) {
      setUntil(inSeconds(problem.retryAfter));
      return;
    }
    setError(problemText(problem));
  };

  return (
    <form className={css.form} onSubmit={form.onSubmit((values) => void submit(values))} noValidate>
      {wait > 0 && <Notice tone="warn">{t('problem.too_many', { count: wait })}</Notice>}
      {error && wait === 0 && <Notice tone="bad">{error}</Notice>}
      {step === 'password' ? (
        <PasswordStep form={form} fixedLogin={login !== ''} />
      ) : (
        <CodeStep
          form={form}
          onBack={() => {
            setStep('password');
            setError(null);
          }}
        />
      )}
      <Button type="submit" loading={busy} disabled={wait > 0} size="md" fullWidth>
        {t('auth.sign_in')}
      </Button>
    </form>
  );
}

interface Values {
  login: string;
  password: string;
  code: string;
}
type Form = UseFormReturnType<Values>;

function inSeconds(seconds: number): number {
  return Date.now() + seconds * 1000;
}

function PasswordStep({ form, fixedLogin }: { form: Form; fixedLogin: boolean }) {
  const t = useT();
  const [caps, setCaps] = useState(false);
  const watchCaps = (event: KeyboardEvent) => setCaps(event.getModifierState('CapsLock'));
  return (
    <>
      <TextInput
        label={t('auth.login')}
        type="email"
        autoComplete="username"
        data-autofocus={fixedLogin ? undefined : true}
        autoFocus={!fixedLogin}
        readOnly={fixedLogin}
        {...form.getInputProps('login')}
      />
      <PasswordInput
        label={t('auth.password')}
        autoComplete="current-password"
        data-autofocus={fixedLogin ? true : undefined}
        onKeyUp={watchCaps}
        description={caps ? <span className={css.hint}>{t('auth.caps_lock')}</span> : undefined}
        inputWrapperOrder={['label', 'input', 'description', 'error']}
        visibilityToggleButtonProps={{ 'aria-label': t('auth.show_password') }}
        {...form.getInputProps('password')}
      />
    </>
  );
}

function CodeStep({ form, onBack }: { form: Form; onBack: () => void }) {
  const t = useT();
  const [recovery, setRecovery] = useState(false);
  return (
    <>
      <TextInput
        key={recovery ? 'recovery' : 'totp'}
        label={t(recovery ? 'auth.recovery_code' : 'auth.code')}
        description={t(recovery ? 'auth.recovery_hint' : 'auth.code_hint')}
        inputMode={recovery ? 'text' : 'numeric'}
        autoComplete="one-time-code"
        autoFocus
        {...form.getInputProps('code')}
      />
      <div className={css.links}>
        <button type="button" className={css.link} onClick={() => setRecovery(!recovery)}>
          {t(recovery ? 'auth.use_app' : 'auth.use_recovery')}
        </button>
        <button type="button" className={css.link} onClick={onBack}>
          {t('common.back')}
        </button>
      </div>
    </>
  );
}
