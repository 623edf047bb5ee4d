/** A mailbox as the form holds it, and as the hub keeps it. */

import type { Account, AccountKind } from '@/api/types';

export interface Server {
  host: string;
  port: number;
  security: 'tls' | 'starttls' | 'plain';
}

export interface MailValues {
  preset: string;
  name: string;
  address: string;
  /** The name to sign in with, where it is not the address. */
  user: string;
  auth: 'password' | 'oauth';
  password: string;
  client_id: string;
  client_secret: string;
  imap: Server;
  smtp: Server;
  allow_private: boolean;
  trusted_certificate: string;
  import_policy: 'new' | 'days' | 'all';
  import_days: number;
  team_id: string | null;
  reopen_days: number;
}

interface Preset {
  imap?: Server;
  smtp?: Server;
  auth?: 'password' | 'oauth';
  [setting: string]: unknown;
}

export const EMPTY: MailValues = {
  preset: '',
  name: '',
  address: '',
  user: '',
  auth: 'password',
  password: '',
  client_id: '',
  client_secret: '',
  imap: { host: '', port: 993, security: 'tls' },
  smtp: { host: '', port: 587, security: 'starttls' },
  allow_private: false,
  trusted_certificate: '',
  import_policy: 'new',
  import_days: 30,
  team_id: null,
  reopen_days: 14,
};

export function presetOf(kind: AccountKind | undefined, name: string): Preset {
  return (kind?.presets[name] ?? {}) as Preset;
}

/** What a chosen provider fills in; what was typed already stays. */
export function withPreset(values: MailValues, name: string, preset: Preset): MailValues {
  return {
    ...values,
    preset: name,
    imap: preset.imap ?? EMPTY.imap,
    smtp: preset.smtp ?? EMPTY.smtp,
    auth: preset.auth ?? 'password',
  };
}

/** A guess for a server of one's own: mail.example.com for support@example.com. */
export function withGuess(values: MailValues): MailValues {
  const domain = values.address.split('@')[1]?.trim() ?? '';
  if (!domain) return values;
  const guess = (server: Server): Server =>
    server.host ? server : { ...server, host: `mail.${domain}` };
  return { ...values, imap: guess(values.imap), smtp: guess(values.smtp) };
}

/** Settings for the hub: those of the form over those that were there. */
export function configOf(values: MailValues, before: Record<string, unknown>) {
  const { address, user, auth, imap, smtp, allow_private, trusted_certificate } = values;
  const { import_policy, import_days } = values;
  const known = (before.oauth ?? {}) as Record<string, unknown>;
  return {
    ...before,
    address: address.trim(),
    name: values.name.trim(),
    user: user.trim(),
    auth,
    imap: { ...imap, host: imap.host.trim() },
    smtp: { ...smtp, host: smtp.host.trim() },
    allow_private,
    trusted_certificate,
    import_policy,
    import_days,
    ...(auth === 'oauth' ? { oauth: { ...known, client_id: values.client_id.trim() } } : {}),
  };
}

export function secretsOf(values: MailValues): Record<string, string> {
  const secret = values.auth === 'oauth' ? 'client_secret' : 'password';
  return values[secret] ? { [secret]: values[secret] } : {};
}

/** The form for an account that exists; secrets are never shown again. */
export function valuesOf(account: Account): MailValues {
  const config = account.config as Partial<MailValues> & { oauth?: { client_id?: string } };
  return {
    ...EMPTY,
    name: account.name,
    address: config.address ?? account.address,
    user: config.user ?? '',
    auth: config.auth ?? 'password',
    client_id: config.oauth?.client_id ?? '',
    imap: config.imap ?? EMPTY.imap,
    smtp: config.smtp ?? EMPTY.smtp,
    allow_private: config.allow_private ?? false,
    trusted_certificate: config.trusted_certificate ?? '',
    import_policy: config.import_policy ?? 'new',
    import_days: config.import_days ?? 30,
    team_id: account.team_id,
    reopen_days: account.reopen_days,
  };
}
