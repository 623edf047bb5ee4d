import {
  ActionIcon,
  Button,
  Checkbox,
  JsonInput,
  NumberInput,
  Select,
  Textarea,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { tMaybe } from '@/lib/i18n';
import { useT } from '@/ui/i18n';
import type { Field, Values } from './schema';
import css from './channels.module.css';

interface SchemaFieldsProps {
  /** The type of channel: the same setting can have another name in each. */
  scope: string;
  fields: readonly Field[];
  values: Values;
  errors: Record<string, string>;
  onChange: (name: string, value: unknown) => void;
}

/** One control a setting, named in the reader's language where we know the setting. */
export function SchemaFields({ scope, fields, values, errors, onChange }: SchemaFieldsProps) {
  return fields.map((field) => (
    <One
      key={field.name}
      scope={scope}
      field={field}
      value={values[field.name]}
      error={errors[field.name] ?? null}
      onChange={(value) => onChange(field.name, value)}
    />
  ));
}

interface OneProps {
  scope: string;
  field: Field;
  value: unknown;
  error: string | null;
  onChange: (value: unknown) => void;
}

export const fieldTitle = (name: string, title: string, scope = ''): string =>
  tMaybe(`field.${scope}.${name}`, tMaybe(`field.${name}`, title));

function One({ scope, field, value, error, onChange }: OneProps) {
  const { name, kind, required } = field;
  const label = fieldTitle(name, field.title, scope);
  const help = tMaybe(`field_hint.${scope}.${name}`, tMaybe(`field_hint.${name}`, field.help));
  const shared = { label, description: help || undefined, error, withAsterisk: required };
  switch (kind) {
    case 'switch':
      return (
        <Checkbox
          label={label}
          description={help || undefined}
          error={error}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case 'number':
      return (
        <NumberInput
          {...shared}
          w={240}
          value={typeof value === 'number' ? value : ''}
          {...(field.min === undefined ? {} : { min: field.min })}
          {...(field.max === undefined ? {} : { max: field.max })}
          onChange={(next) => onChange(next === '' ? null : Number(next))}
        />
      );
    case 'choice':
      return (
        <Select
          {...shared}
          allowDeselect={false}
          data={field.choices.map((choice) => ({
            value: choice,
            label: tMaybe(`field.${name}.${choice || 'none'}`, choice),
          }))}
          value={typeof value === 'string' ? value : ''}
          onChange={(next) => onChange(next ?? '')}
        />
      );
    case 'rows':
      return <RowsField {...{ field, label, help, error, onChange }} rows={rowsOf(value)} />;
    case 'lines':
      return (
        <Textarea
          {...shared}
          autosize
          minRows={2}
          value={linesOf(value).join('\n')}
          onChange={(event) => onChange(event.currentTarget.value.split('\n'))}
          onBlur={() => onChange(linesOf(value).flatMap((line) => line.trim() || []))}
        />
      );
    case 'json':
      return <JsonField {...shared} value={value} onChange={onChange} />;
    case 'text':
      return (
        <TextInput
          {...shared}
          autoComplete="off"
          value={typeof value === 'string' ? value : ''}
          {...(field.maxLength === undefined ? {} : { maxLength: field.maxLength })}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
  }
}

type TextRow = Record<string, string>;
const linesOf = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : []);
const rowsOf = (value: unknown): TextRow[] => (Array.isArray(value) ? (value as TextRow[]) : []);

interface RowsProps {
  field: Field;
  label: string;
  help: string;
  error: string | null;
  rows: TextRow[];
  onChange: (rows: TextRow[]) => void;
}

/** A short table, such as prices by the beginning of a number. */
function RowsField({ field, label, help, error, rows, onChange }: RowsProps) {
  const t = useT();
  return (
    <fieldset className={css.rows}>
      <legend>{label}</legend>
      {help && <p className={css.why}>{help}</p>}
      {rows.map((row, at) => (
        <div key={at} className={css.rowsLine}>
          {field.columns.map(({ name, title }) => (
            <TextInput
              key={name}
              aria-label={`${fieldTitle(name, title)} ${at + 1}`}
              placeholder={fieldTitle(name, title)}
              value={row[name] ?? ''}
              onChange={(event) =>
                onChange(rows.with(at, { ...row, [name]: event.currentTarget.value }))
              }
            />
          ))}
          <ActionIcon
            variant="subtle"
            color="gray"
            size={36}
            aria-label={t('channels.remove')}
            onClick={() => onChange(rows.toSpliced(at, 1))}
          >
            <IconTrash size={18} stroke={1.6} />
          </ActionIcon>
        </div>
      ))}
      {error && <p className={css.wrong}>{error}</p>}
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<IconPlus size={14} />}
        onClick={() => onChange([...rows, {}])}
      >
        {t('channels.add_row')}
      </Button>
    </fieldset>
  );
}

interface JsonProps {
  label: string;
  description: string | undefined;
  error: string | null;
  withAsterisk: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** A document as text while it is written, and as a value whenever it is one. */
function JsonField({ value, onChange, ...shared }: JsonProps) {
  const t = useT();
  const written = typeof value === 'string' ? value : JSON.stringify(value ?? {}, null, 2);
  return (
    <JsonInput
      {...shared}
      value={written}
      autosize
      minRows={4}
      maxRows={18}
      spellCheck={false}
      formatOnBlur
      validationError={t('channels.json_wrong')}
      styles={{ input: { fontFamily: 'var(--mono)', fontSize: 'var(--text-xs)' } }}
      onChange={(text) => onChange(parsed(text))}
    />
  );
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text; // still being written
  }
}
