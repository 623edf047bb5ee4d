import { expect, test } from 'vitest';
import { configOf, EMPTY, secretsOf, valuesOf, withGuess, withPreset } from './mail';

const gmail = {
  imap: { host: 'imap.gmail.com', port: 993, security: 'tls' as const },
  smtp: { host: 'smtp.gmail.com', port: 587, security: 'starttls' as const },
  auth: 'oauth' as const,
  plus_addressing: true,
};

test('a provider fills in its servers and keeps what was typed', () => {
  const values = withPreset({ ...EMPTY, address: 'a@b.md' }, 'Gmail', gmail);
  expect(values).toMatchObject({ address: 'a@b.md', imap: gmail.imap, auth: 'oauth' });
});

test('servers of an own domain are guessed from the address, never over what is there', () => {
  const own = { ...EMPTY, address: 'office@firma.md' };
  expect(withGuess(own).imap.host).toBe('mail.firma.md');
  expect(withGuess(withPreset(own, 'Gmail', gmail)).imap.host).toBe('imap.gmail.com');
});

test('settings the form does not show survive an edit', () => {
  const config = configOf({ ...EMPTY, address: ' a@b.md ' }, { sent_folder: 'Sent', ...gmail });
  expect(config).toMatchObject({ sent_folder: 'Sent', plus_addressing: true, address: 'a@b.md' });
});

test('a password left empty is not sent, so the stored one stays', () => {
  expect(secretsOf(EMPTY)).toEqual({});
  expect(secretsOf({ ...EMPTY, password: 'x' })).toEqual({ password: 'x' });
});

test('an account without some settings opens with the defaults', () => {
  const account = { name: 'Sales', address: 's@b.md', config: {}, team_id: null, reopen_days: 7 };
  const values = valuesOf(account as never);
  expect(values).toMatchObject({ address: 's@b.md', reopen_days: 7, import_policy: 'new' });
});
