import { Stack } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { Account, Hook } from '@/api/types';
import { tMaybe } from '@/lib/i18n';
import { CopyField } from '@/ui/CopyField';
import { useT } from '@/ui/i18n';
import { Notice } from '@/ui/Notice';
import { typeOf } from './kinds';
import { WebchatSnippet } from './webchat/WebchatSnippet';

/** What is left to do elsewhere: the address a provider calls, or the line for a site. */
export function HookUrl({ account }: { account: Account }) {
  const t = useT();
  const { data } = useQuery({
    queryKey: ['hook', account.id],
    queryFn: () => api.get<Hook>(`/api/accounts/${account.id}/hook`),
    retry: false,
    enabled: typeOf(account.provider) === 'sms',
  });
  if (typeOf(account.provider) === 'webchat') return <WebchatSnippet account={account} />;
  if (typeOf(account.provider) !== 'sms') return null;
  if (!data) return null;
  const where = tMaybe(`hook.${account.provider}`, t('hook.other'));
  return (
    <Stack gap="xs">
      <CopyField label={t('channels.hook_url')} value={data.url} />
      {!data.is_public && <Notice tone="warn">{t('channels.no_public_url')}</Notice>}
      <div>{where}</div>
    </Stack>
  );
}
