import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Account, Hook } from '@/api/types';
import { tMaybe } from '@/lib/i18n';
import { CopyField } from '@/ui/CopyField';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { typeOf } from './kinds';

/** The address a provider calls, with where to paste it; Telegram is told by the hub itself. */
export function HookUrl({ account }: { account: Account }) {
  const t = useT();
  const { data } = useQuery({
    queryKey: ['hook', account.id],
    queryFn: () => api.get<Hook>(`/api/accounts/${account.id}/hook`),
    retry: false,
    enabled: typeOf(account.provider) === 'sms',
  });
  if (typeOf(account.provider) !== 'sms') return null;
  if (!data) return null;
  const where = tMaybe(`hook.${account.provider}`, t('hook.other'));
  return (
    <div>
      <CopyField label={t('channels.hook_url')} value={data.url} />
      {!data.is_public && <Notice tone="warn">{t('channels.no_public_url')}</Notice>}
      <p>{where}</p>
    </div>
  );
}
