import { Stack } from '@mantine/core';
import type { Account } from '@/api/types';
import { CopyField } from '@/ui/CopyField';
import { useT } from '@/ui/i18n';
import { snippetOf } from './look';

/** The line that puts the chat on a site, and its page for those who cannot put a line there. */
export function WebchatSnippet({ account }: { account: Account }) {
  const t = useT();
  const { origin } = window.location;
  const key = account.address;
  return (
    <Stack gap="md">
      <CopyField label={t('webchat.snippet')} value={snippetOf(origin, key)} />
      <CopyField label={t('webchat.page')} value={`${origin}/w/${key}/page`} />
    </Stack>
  );
}
