import { IconChevronDown, IconChevronUp } from '@tabler/icons-react';
import { useState, type ReactNode } from 'react';
import type { Recipient } from '@/api/types';
import { list } from '@/lib/format';
import { useT } from '@/ui/i18n';
import { AddressField } from './AddressField';
import type { Addressing } from './useAddressing';
import css from './composer.module.css';

interface AddressesProps {
  /** The channel has copies, so others can be added. */
  copies: boolean;
  picker: ReactNode;
  addressing: Addressing;
  onChange: (lines: Recipient[]) => void;
}

const NAMED = 3;
const ROLES = ['to', 'cc', 'bcc'] as const;

/** Whom the answer goes to: a line that says it, and the fields behind a click. */
export function Addresses({ addressing, copies, picker, onChange }: AddressesProps) {
  const t = useT();
  const [open, setOpen] = useState(false);
  const { lines, everybody, writer, fresh, dropped } = addressing;
  const named = lines.slice(0, NAMED).map(({ display, value }) => display || value);
  const more = lines.length - named.length;
  const names = more > 0 ? [...named, t('composer.more_people', { count: more })] : named;
  const toAll = everybody !== null && lines.length >= everybody.length;
  if (!copies) {
    return picker && <div className={css.channels}>{picker}</div>;
  }
  return (
    <div className={css.addresses}>
      <div className={css.summary}>
        {picker}
        <button
          type="button"
          className={css.to}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          <span className={css.faint}>{t('composer.to')}</span>
          <span className={css.names}>{names.length > 0 ? list(names) : t('composer.nobody')}</span>
          {open ? (
            <IconChevronUp size={14} aria-hidden />
          ) : (
            <IconChevronDown size={14} aria-hidden />
          )}
        </button>
        {everybody !== null && (
          <button
            type="button"
            className={css.all}
            onClick={() => onChange(toAll ? writer : everybody)}
          >
            {t(toAll ? 'composer.only_writer' : 'composer.reply_all')}
          </button>
        )}
      </div>
      {open &&
        ROLES.map((role) => (
          <AddressField
            key={role}
            label={t(`composer.role.${role}`)}
            into={role}
            lines={lines.filter((line) => line.role === role)}
            fresh={fresh}
            onChange={(changed) =>
              onChange([...lines.filter((line) => line.role !== role), ...changed])
            }
          />
        ))}
      {dropped.length > 0 && (
        <p className={css.hint}>
          {t('composer.dropped', { names: list(dropped), count: dropped.length })}
        </p>
      )}
    </div>
  );
}
