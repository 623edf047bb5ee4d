import { useState } from 'react';
import { api, Problem } from '@/api/http';
import type { Card } from '@/api/types';
import { useAgents, useMay } from '@/entities/live';
import type { Key } from '@/lib/i18n';
import { takeFocus } from '@/ui/focus';
import { useT } from '@/ui/i18n';
import { toastError } from '@/ui/toast';
import { conflicts, type Conflict } from './conflict';
import { InlineText } from './InlineText';
import { Section } from './Section';
import css from './card.module.css';

const TEXTS = ['display_name', 'given_name', 'family_name', 'legal_name', 'birthday'] as const;
const CHOICES = ['lifecycle', 'locale', 'owner_id'] as const;
type Field = (typeof TEXTS)[number] | (typeof CHOICES)[number] | 'about';

const LIFECYCLES = [
  'stranger',
  'lead',
  'prospect',
  'client',
  'repeat',
  'partner',
  'lost',
  'blocked',
] as const;
const LOCALES = ['ro', 'ru', 'en'] as const;

/** What is written about the client, each value edited in its place. */
export function Fields({ card }: { card: Card }) {
  const t = useT();
  const mayChange = useMay('card.update');
  const agents = useAgents().filter(({ status }) => status === 'active');
  const [editing, setEditing] = useState<Field | null>(null);
  const [before, setBefore] = useState(card);
  const [clash, setClash] = useState<Conflict<unknown> | null>(null);
  const edit = (field: Field) => {
    setBefore(card);
    setEditing(field);
  };
  const save = async (field: Field, value: string, rev = before.rev) => {
    setEditing(null);
    setClash(null);
    const sent = NULLABLE.has(field) && value === '' ? null : value;
    try {
      await api.patch(`/api/cards/${card.id}`, { rev, [field]: sent });
    } catch (error) {
      const theirs = error instanceof Problem && error.status === 409 ? await now() : null;
      const [found] = theirs
        ? conflicts(asFields(before), { [field]: sent }, asFields(theirs))
        : [];
      if (found) return setClash(found);
      if (theirs) return save(field, value, theirs.rev);
      toastError(t('card.change_failed'), error);
    }
  };
  const now = () => api.get<Card>(`/api/cards/${card.id}`);
  const value = (field: Field) => card[field] ?? '';
  const names: Record<string, string> = Object.fromEntries(
    agents.map(({ id, name }) => [id, name]),
  );
  const shown = (field: Field, raw = value(field)): string => {
    if (raw === '') return '';
    if (field === 'lifecycle' && isOneOf(LIFECYCLES, raw)) return t(`card.lifecycle.${raw}`);
    if (field === 'locale' && isOneOf(LOCALES, raw)) return t(`card.locale.${raw}`);
    return field === 'owner_id' ? (names[raw] ?? '…') : raw;
  };
  const options = (field: Field): [string, string][] => {
    if (field === 'owner_id') return [['', t('pick.nobody')], ...Object.entries(names)];
    const keys = field === 'locale' ? LOCALES : LIFECYCLES;
    return keys.map((key) => [key, shown(field, key)]);
  };
  const row = (field: Field) => (
    <div key={field} className={css.row} data-wide={field === 'about' || undefined}>
      <dt id={`field-${field}`}>{t(`card.field.${field}` as Key)}</dt>
      <dd>{editing === field ? editor(field) : display(field)}</dd>
    </div>
  );
  const editor = (field: Field) =>
    isOneOf(CHOICES, field) ? (
      <select
        className={css.inline}
        aria-labelledby={`field-${field}`}
        ref={takeFocus}
        value={value(field)}
        onChange={(event) => void save(field, event.currentTarget.value)}
        onBlur={() => setEditing(null)}
      >
        {options(field).map(([key, label]) => (
          <option key={key} value={key}>
            {label}
          </option>
        ))}
      </select>
    ) : (
      <InlineText
        label={t(`card.field.${field}` as Key)}
        value={value(field)}
        type={field === 'birthday' ? 'date' : 'text'}
        multiline={field === 'about'}
        onSave={(text) => void save(field, text)}
        onCancel={() => setEditing(null)}
      />
    );
  const display = (field: Field) =>
    mayChange ? (
      <button
        type="button"
        className={css.show}
        aria-describedby={`field-${field}`}
        data-empty={value(field) === '' || undefined}
        onClick={() => edit(field)}
      >
        {shown(field) || t('card.empty')}
      </button>
    ) : (
      <span>{shown(field) || '—'}</span>
    );
  return (
    <Section title={t('card.fields')}>
      {clash && (
        <Clash
          clash={clash}
          onMine={() =>
            void now().then((theirs) =>
              save(
                clash.field as Field,
                typeof clash.mine === 'string' ? clash.mine : '',
                theirs.rev,
              ),
            )
          }
          onTheirs={() => setClash(null)}
        />
      )}
      <dl className={css.fields}>
        {[...TEXTS, ...CHOICES, 'about' as const].map(row)}
        {Object.entries(card.custom).map(([key, custom]) => (
          <div key={key} className={css.row}>
            <dt>{key}</dt>
            <dd>{typeof custom === 'string' ? custom : JSON.stringify(custom)}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

const NULLABLE: ReadonlySet<Field> = new Set(['birthday', 'locale', 'owner_id']);

const asFields = (card: Card): Record<string, unknown> => ({ ...card });

function isOneOf<T extends string>(all: readonly T[], value: string): value is T {
  return (all as readonly string[]).includes(value);
}

interface ClashProps {
  clash: Conflict<unknown>;
  onMine: () => void;
  onTheirs: () => void;
}

/** Somebody saved the same field meanwhile: both values, and the choice. */
function Clash({ clash, onMine, onTheirs }: ClashProps) {
  const t = useT();
  const text = (value: unknown) =>
    typeof value === 'string' && value !== '' ? value : t('card.empty');
  return (
    <div className={css.clash} role="alertdialog" aria-label={t('card.clash')}>
      <p>{t('card.clash')}</p>
      <p>
        <span className={css.faint}>{t('card.clash_theirs')}</span> {text(clash.theirs)}
      </p>
      <p>
        <span className={css.faint}>{t('card.clash_mine')}</span> {text(clash.mine)}
      </p>
      <div className={css.pair}>
        <button type="button" className={css.small} onClick={onTheirs}>
          {t('card.keep_theirs')}
        </button>
        <button type="button" className={css.small} onClick={onMine}>
          {t('card.keep_mine')}
        </button>
      </div>
    </div>
  );
}
