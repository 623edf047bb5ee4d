import { useForm } from '@mantine/form';
import { useMutation } from '@tanstack/react-query';
import { api } from '@/api/http';
import type { TestResult } from '@/api/types';
import { t } from '@/lib/i18n';
import { configOf, secretsOf, type MailValues } from './mail';

const TEST_MS = 60_000;

const required = (value: string) => (value.trim() ? null : t('channels.missing'));

export function useMailForm(initialValues: MailValues, isNew: boolean) {
  return useForm<MailValues>({
    initialValues,
    validate: {
      name: required,
      address: (value) => (/^\S+@\S+$/.test(value.trim()) ? null : t('channels.address_wrong')),
      password: (value, { auth }) => (isNew && auth === 'password' ? required(value) : null),
      client_id: (value, { auth }) => (auth === 'oauth' ? required(value) : null),
      imap: { host: required, port: isPort },
      smtp: { host: required, port: isPort },
    },
  });
}

function isPort(value: number | string): string | null {
  const port = Number(value);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? null : t('channels.port_wrong');
}

interface TestOf {
  provider: string;
  values: MailValues;
  before: Record<string, unknown>;
  accountId?: string;
}

/** Tries settings without storing them. */
export function useTest() {
  return useMutation({
    mutationFn: ({ provider, values, before, accountId }: TestOf) =>
      api.post<TestResult>(
        '/api/accounts/test',
        {
          provider,
          config: configOf(values, before),
          secrets: secretsOf(values),
          ...(accountId ? { account_id: accountId } : {}),
        },
        { timeout: TEST_MS },
      ),
  });
}
