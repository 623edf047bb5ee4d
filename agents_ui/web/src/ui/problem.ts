import { Problem, Unreachable } from '@/api/http';
import { t, tMaybe } from '@/lib/i18n';

/** What went wrong in the reader's language, and where we know it, what to do. */
export function problemText(error: unknown): string {
  if (error instanceof Unreachable) return t('problem.unreachable');
  if (!(error instanceof Problem)) return t('common.failed_hint');
  const seconds = Math.max(1, Math.ceil(error.retryAfter));
  if (error.status === 429) return t('problem.too_many', { count: seconds });
  const { reason } = error.members;
  const general = tMaybe(`problem.${error.code}`, error.message);
  return typeof reason === 'string' ? tMaybe(`problem.${error.code}.${reason}`, general) : general;
}
