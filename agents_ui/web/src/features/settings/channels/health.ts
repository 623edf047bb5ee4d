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
