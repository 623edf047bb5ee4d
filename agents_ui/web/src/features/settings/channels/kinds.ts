/** The kinds of channels as the wizard offers them. */

import type { AccountKind } from '@/api/types';

export type ChannelType = 'email' | 'webchat' | 'telegram' | 'sms' | 'smpp';
export const TYPES: readonly ChannelType[] = ['email', 'webchat', 'telegram', 'sms', 'smpp'];

export function typeOf(provider: string): ChannelType {
  if (provider === 'sms.smpp') return 'smpp';
  const kind = provider.split('.')[0];
  return TYPES.find((type) => type === kind) ?? 'email';
}

/** What can be connected here, type by type; the demo's own mailboxes are not offered. */
export function kindsByType(kinds: readonly AccountKind[]): Map<ChannelType, AccountKind[]> {
  const found = new Map<ChannelType, AccountKind[]>();
  for (const type of TYPES) {
    const of = kinds.filter(
      ({ provider }) => typeOf(provider) === type && !provider.endsWith('.demo'),
    );
    if (of.length > 0) found.set(type, of);
  }
  return found;
}

const NAMES: Record<string, string> = {
  'sms.twilio': 'Twilio',
  'sms.vonage': 'Vonage',
  'sms.plivo': 'Plivo',
  'sms.infobip': 'Infobip',
  'sms.smslink': 'SMSLink.ro',
  'sms.smsru': 'SMS.ru',
  'sms.smsc': 'SMSC.ru',
  'sms.kannel': 'Kannel',
};

/** What a provider calls itself; one of the administrator's own has the schema's title. */
export function providerName({ provider, schema }: AccountKind): string {
  return NAMES[provider] ?? (typeof schema.title === 'string' ? schema.title : provider);
}

/** Settings that are asked for at once; the rest is behind "Unusual settings". */
const USUAL = new Set([
  'address',
  'mode',
  'region',
  'smart',
  'test_to',
  'base_url',
  'preset',
  'values',
  'security',
  'bind',
  'system_type',
]);

const OF_WIDGETS = new Set(['origins', 'color', 'theme', 'launcher', 'reply_minutes', 'csat']);

export function isUsual(type: ChannelType, name: string, required: boolean): boolean {
  return required || (type === 'webchat' ? OF_WIDGETS : USUAL).has(name);
}
