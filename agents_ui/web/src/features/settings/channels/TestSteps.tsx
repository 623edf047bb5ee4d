import { IconCircleCheck, IconCircleX, IconLoader2 } from '@tabler/icons-react';
import type { TestResult } from '@/api/types';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import { REMEDIES } from './health';
import type { ChannelType } from './kinds';
import css from './channels.module.css';

interface TestStepsProps {
  busy: boolean;
  result: TestResult | null;
  type?: ChannelType;
}

/** How trying the settings went, step by step, with what to do about the step that failed. */
export function TestSteps({ busy, result, type = 'email' }: TestStepsProps) {
  const t = useT();
  if (busy) {
    return (
      <div className={css.steps} role="status">
        <div className={css.step}>
          <IconLoader2 size={18} stroke={1.6} className={css.spin} aria-hidden />
          {t('channels.testing')}
        </div>
      </div>
    );
  }
  if (!result) return null;
  return (
    <ol className={css.steps} aria-label={t('channels.test_result')} aria-live="polite">
      {result.steps.map((step, at) => (
        <li key={step.step} className={css.step} data-ok={step.ok}>
          {step.ok ? (
            <IconCircleCheck size={18} stroke={1.6} aria-label={t('channels.step_ok')} />
          ) : (
            <IconCircleX size={18} stroke={1.6} aria-label={t('channels.step_failed')} />
          )}
          <div>
            <div>{tMaybe(`channels.step_${stepName(step.step, at, type)}`, step.step)}</div>
            {step.ok && step.text && <code className={css.said}>{step.text}</code>}
            {!step.ok && (
              <>
                <div className={css.why}>{tMaybe(`health.${step.code}`, step.text)}</div>
                <div className={css.why}>{remedyFor(step.code)}</div>
                {step.text && <code className={css.said}>{step.text}</code>}
              </>
            )}
          </div>
        </li>
      ))}
    </ol>
  );
}

/** In the order they are tried; a step that fails may be named only by what went wrong. */
const STEPS: Record<ChannelType, readonly string[]> = {
  email: ['settings', 'imap_connect', 'imap_sign_in', 'imap_folders', 'smtp'],
  telegram: ['settings', 'sign_in', 'web_hook'],
  sms: ['settings', 'sign_in', 'request', 'sent'],
  smpp: ['settings', 'connect', 'bind', 'enquire_link'],
  webchat: ['settings'],
};
const KNOWN = new Set([...Object.values(STEPS).flat(), 'reads_groups', 'privacy_mode']);

function stepName(said: string, at: number, type: ChannelType): string {
  return KNOWN.has(said) ? said : (STEPS[type][at] ?? said);
}

function remedyFor(code: string): string {
  const remedy = REMEDIES[code];
  return remedy === undefined ? '' : tMaybe(`remedy.${remedy}`, '');
}
