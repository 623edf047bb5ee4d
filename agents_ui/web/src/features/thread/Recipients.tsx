import { useState } from 'react';
import type { Message, Recipient } from '@/api/types';
import { useAccounts } from '@/entities/live';
import { fullTime, list } from '@/lib/format';
import type { Key } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import css from './message.module.css';

const ROLES: readonly (readonly [Recipient['role'], Key])[] = [
  ['to', 'thread.to'],
  ['cc', 'thread.cc'],
  ['bcc', 'thread.bcc'],
  ['reply_to', 'thread.reply_to'],
];
const NAMED = 2;

/** To whom a message went: a short line, and everybody on a click. */
export function Recipients({ message }: { message: Message }) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const own = useAccounts().map(({ address }) => address.toLowerCase());
  const addressed = message.recipients.filter(({ role }) => role !== 'reply_to');
  if (addressed.length === 0) return null;
  const name = ({ value, display }: Recipient) =>
    own.includes(value.toLowerCase()) ? value : display || value;
  const named = addressed.slice(0, NAMED).map(name);
  const more = addressed.length - named.length;
  const short = more > 0 ? [...named, t('thread.more_people', { count: more })] : named;
  return (
    <div className={css.recipients}>
      <button
        type="button"
        className={css.who}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        title={t('thread.recipients')}
      >
        {t('thread.to_whom', { names: list(short) })}
      </button>
      {open && (
        <dl className={css.everybody}>
          <dt>{t('thread.from')}</dt>
          <dd>{address(message.author.name, message.author.address ?? '')}</dd>
          {ROLES.map(([role, label]) => (
            <Role
              key={role}
              label={t(label)}
              lines={message.recipients.filter((line) => line.role === role)}
            />
          ))}
          <dt>{t('thread.sent_at')}</dt>
          <dd>{fullTime(message.at)}</dd>
        </dl>
      )}
    </div>
  );
}

function Role({ label, lines }: { label: string; lines: readonly Recipient[] }) {
  if (lines.length === 0) return null;
  return (
    <>
      <dt>{label}</dt>
      <dd>
        {lines.map((line) => (
          <div key={line.value}>{address(line.display ?? '', line.value)}</div>
        ))}
      </dd>
    </>
  );
}

function address(name: string, value: string): string {
  if (name === '' || name === value) return value;
  return value === '' ? name : `${name} <${value}>`;
}
