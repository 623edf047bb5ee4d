import type { Account } from '@/api/types';
import { tMaybe } from '@/lib/i18n';
import { CopyField } from '@/ui/CopyField';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { typeOf } from './kinds';

/** The address a provider calls, with where to paste it; Telegram is told by the hub itself. */
export function HookUrl({ account }: { account: Account }) {
  const t = useT();
  if (typeOf(account.provider) !== 'sms') return null;
  const { hook_url = '' } = account as { hook_url?: string | null };
  if (!hook_url) return <Notice tone="warn">{t('channels.no_public_url')}</Notice>;
  const where = tMaybe(`hook.${account.provider}`, t('hook.other'));
  return (
    <div>
      <CopyField label={t('channels.hook_url')} value={hook_url} />
      <p>{where}</p>
    </div>
  );
}
