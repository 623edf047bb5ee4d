import type { Account } from '@/api/types';

export type Shown =
  'connecting' | 'connected' | 'degraded' | 'disconnected' | 'bad_credentials' | 'paused';

const TONES = {
  connecting: 'info',
  connected: 'good',
  degraded: 'warn',
  disconnected: 'bad',
  bad_credentials: 'bad',
  paused: 'quiet',
} as const satisfies Record<Shown, string>;

/** The state of an account in the few words people need. */
export function shown(account: Account): { state: Shown; tone: (typeof TONES)[Shown] } {
  const state = stateOf(account);
  return { state, tone: TONES[state] };
}

function stateOf(account: Account): Shown {
  if (!account.is_enabled) return 'paused';
  const { state } = account.health;
  if (state in TONES) return state as Shown;
  if (state === 'conflict' || state === 'no_funds') return 'disconnected';
  return 'connecting';
}

/** What to do about a step of a test that failed; running accounts say it themselves. */
export const REMEDIES: Readonly<Record<string, string>> = {
  'host.not_found': 'check_host',
  'host.private': 'allow_private',
  'host.refused': 'check_port',
  'host.timeout': 'check_network',
  'host.unreachable': 'check_network',
  'tls.untrusted': 'check_certificate',
  'tls.failed': 'check_security',
  'tls.not_offered': 'check_security',
  'auth.refused': 'check_password',
  'imap.out_of_step': 'check_port',
  'imap.no_folder': 'check_folder',
  'smtp.sender_refused': 'check_address',
  'smtp.sign_in_not_offered': 'check_security',
  'sms.sign_in_refused': 'check_password',
  'sms.no_credit': 'top_up',
  'sms.throttled': 'wait',
  'sms.try_later': 'wait',
};
