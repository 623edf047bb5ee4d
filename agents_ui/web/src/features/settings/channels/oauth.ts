import { api } from '@/api/http';
import type { Account } from '@/api/types';

interface OAuthPage {
  url: string;
}

/** Opens the provider's consent page; the hub hears the answer, and the account's health shows it. */
export async function signInAtProvider(account: Account): Promise<void> {
  const oauth = account.config.oauth as { provider?: string } | undefined;
  const page = await api.post<OAuthPage>('/api/accounts/oauth/start', {
    provider: oauth?.provider ?? 'custom',
    account_id: account.id,
    login: account.address,
  });
  window.open(page.url, '_blank', 'noopener');
}
