import { IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue, useId, useState, type KeyboardEvent } from 'react';
import { api, withQuery } from '@/api/http';
import type { Recipient, SearchResult } from '@/api/types';
import { takeFocus } from '@/ui/focus';
import { useT } from '@/ui/i18n';
import { isMailAddress, readAddresses } from './recipients';
import css from './address.module.css';

interface AddressFieldProps {
  label: string;
  /** Which line of the message this is. */
  into: Recipient['role'];
  lines: readonly Recipient[];
  onChange: (lines: Recipient[]) => void;
  /** Addresses nobody in the conversation has used: marked, so that a slip is seen. */
  fresh?: ReadonlySet<string>;
  /** Takes the focus when it appears. */
  focused?: boolean;
}

const SUGGESTED = 6;

/** A line of addresses as chips: typed, pasted in any form, or picked from the clients. */
export function AddressField(props: AddressFieldProps) {
  const { label, into, lines, onChange, fresh, focused = false } = props;
  const t = useT();
  const id = useId();
  const [text, setText] = useState('');
  const [wrong, setWrong] = useState(false);
  const [active, setActive] = useState(-1);
  const found = useSuggestions(text, lines);
  const add = (more: readonly Omit<Recipient, 'role'>[], rest: string) => {
    const known = new Set(lines.map(({ value }) => value.toLowerCase()));
    const added = more.filter(({ value }) => !known.has(value.toLowerCase()));
    if (added.length > 0) onChange([...lines, ...added.map((one) => ({ ...one, role: into }))]);
    setText(rest);
    setActive(-1);
    setWrong(rest !== '');
  };
  const commit = () => {
    const chosen = found[active];
    if (chosen) return add([chosen], '');
    const { found: read, rest } = readAddresses(text);
    add(read, rest);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const plain = !event.ctrlKey && !event.metaKey;
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : -1;
      setActive(Math.max(-1, Math.min(found.length - 1, active + step)));
    } else if (plain && text !== '' && ['Enter', ',', ';'].includes(event.key)) {
      commit();
    } else if (event.key === 'Backspace' && text === '') {
      onChange(lines.slice(0, -1));
    } else if (event.key === 'Escape' && (found.length > 0 || text !== '')) {
      setText('');
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className={css.field}>
      <label className={css.label} htmlFor={id}>
        {label}
      </label>
      <ul className={css.chips}>
        {lines.map((line) => (
          <Chip
            key={line.value}
            line={line}
            fresh={fresh?.has(line.value.toLowerCase()) ?? false}
            onRemove={() => onChange(lines.filter(({ value }) => value !== line.value))}
          />
        ))}
        <li className={css.entry}>
          <input
            id={id}
            value={text}
            ref={focused ? takeFocus : undefined}
            autoComplete="off"
            inputMode="email"
            role="combobox"
            aria-expanded={found.length > 0}
            aria-controls={`${id}-list`}
            aria-activedescendant={active >= 0 ? `${id}-${active}` : undefined}
            aria-invalid={wrong || undefined}
            aria-describedby={wrong ? `${id}-wrong` : undefined}
            placeholder={lines.length === 0 ? t('composer.add_address') : ''}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setWrong(false);
            }}
            onKeyDown={onKeyDown}
            onBlur={() => text !== '' && commit()}
            onPaste={(event) => {
              const pasted = event.clipboardData.getData('text/plain');
              if (!/[@,;\n]/.test(pasted)) return;
              event.preventDefault();
              const { found: read, rest } = readAddresses(text + pasted);
              add(read, rest);
            }}
          />
        </li>
      </ul>
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label={label}
        className={css.found}
        hidden={found.length === 0}
      >
        {found.map((one, at) => (
          <div
            key={one.value}
            id={`${id}-${at}`}
            role="option"
            aria-selected={at === active}
            tabIndex={-1}
            onPointerDown={(event) => {
              event.preventDefault();
              add([one], '');
            }}
          >
            {one.display && <b>{one.display}</b>} {one.value}
          </div>
        ))}
      </div>
      {wrong && (
        <p id={`${id}-wrong`} className={css.wrong} role="alert">
          {t('composer.no_address', { text })}
        </p>
      )}
    </div>
  );
}

interface ChipProps {
  line: Recipient;
  fresh: boolean;
  onRemove: () => void;
}

function Chip({ line, fresh, onRemove }: ChipProps) {
  const t = useT();
  const name = line.display || line.value;
  return (
    <li className={css.chip} data-fresh={fresh || undefined} title={line.value}>
      <span>{name}</span>
      {fresh && <span className={css.new}>{t('composer.new_address')}</span>}
      <button type="button" aria-label={t('composer.remove', { name })} onClick={onRemove}>
        <IconX size={14} aria-hidden />
      </button>
    </li>
  );
}

/** Clients whose address or name matches what is typed. */
function useSuggestions(
  text: string,
  lines: readonly Recipient[],
): readonly Omit<Recipient, 'role'>[] {
  const q = useDeferredValue(text.trim());
  const { data } = useQuery({
    queryKey: ['addresses', q],
    queryFn: ({ signal }) =>
      api.get<SearchResult>(withQuery('/api/search', { q, limit: SUGGESTED }), { signal }),
    enabled: q.length >= 2,
  });
  if (!data || text.trim().length < 2) return [];
  const taken = new Set(lines.map(({ value }) => value.toLowerCase()));
  return data.cards
    .flatMap(({ display_name, matched }) =>
      isMailAddress(matched) ? [{ kind: 'email', value: matched, display: display_name }] : [],
    )
    .filter(({ value }) => !taken.has(value.toLowerCase()))
    .slice(0, SUGGESTED);
}
