/** A form made of the JSON Schema an adapter describes its settings with. */

import type { AccountKind } from '@/api/types';

export type FieldKind = 'text' | 'number' | 'switch' | 'choice' | 'rows' | 'lines' | 'json';

export interface Field {
  name: string;
  kind: FieldKind;
  title: string;
  help: string;
  required: boolean;
  initial: unknown;
  choices: readonly string[];
  /** Columns of `rows`. */
  columns: readonly Field[];
  max?: number;
  min?: number;
  maxLength?: number;
  pattern?: string;
}

export interface SecretField {
  name: string;
  title: string;
  help: string;
  required: boolean;
}

interface Schema {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  pattern?: string;
  'x-secrets'?: Partial<SecretField>[];
}

/** The fields of a kind of account, in the order its schema has them. */
export function fieldsOf(kind: AccountKind): Field[] {
  return properties(kind.schema);
}

/** Kinds whose schema says nothing of their secrets, and that do nothing without. */
const NEEDED = new Set(['telegram', 'sms.smpp']);

/** The secrets of a kind of account. */
export function secretsOfKind(kind: AccountKind): SecretField[] {
  const said = (kind.schema as Schema)['x-secrets'] ?? [];
  return kind.secrets.map((name) => {
    const one = said.find((other) => other.name === name);
    const required = one ? one.required !== false : NEEDED.has(kind.provider);
    return { name, title: one?.title ?? name, help: one?.help ?? '', required };
  });
}

function properties({ properties: all = {}, required = [] }: Schema): Field[] {
  return Object.entries(all).map(([name, schema]) => field(name, schema, required.includes(name)));
}

function field(name: string, schema: Schema, required: boolean): Field {
  const kind = kindOf(schema);
  const { minimum, maximum, maxLength, pattern } = schema;
  return {
    name,
    kind,
    title: schema.title ?? name,
    help: schema.description ?? '',
    required,
    initial: schema.default ?? EMPTY[kind],
    choices: schema.enum?.map(String) ?? [],
    columns: kind === 'rows' ? properties(schema.items ?? {}) : [],
    ...(minimum === undefined ? {} : { min: minimum }),
    ...(maximum === undefined ? {} : { max: maximum }),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(pattern === undefined ? {} : { pattern }),
  };
}

const EMPTY: Record<FieldKind, unknown> = {
  text: '',
  number: null,
  switch: false,
  choice: '',
  rows: [],
  lines: [],
  json: {},
};

function kindOf({ type, enum: choices, items }: Schema): FieldKind {
  if (choices) return 'choice';
  const types = Array.isArray(type) ? type : [type];
  if (types.includes('boolean')) return 'switch';
  if (types.includes('integer') || types.includes('number')) return 'number';
  if (types.includes('string')) return 'text';
  if (types.includes('array') && items?.type === 'string') return 'lines';
  const flat = Object.values(items?.properties ?? {}).every(
    ({ type: inner }) => inner === 'string',
  );
  return types.includes('array') && items?.properties && flat ? 'rows' : 'json';
}

export type Values = Record<string, unknown>;

/** What a form begins with: defaults, then a preset, then what is stored. */
export function initialValues(fields: readonly Field[], ...over: Values[]): Values {
  const defaults = Object.fromEntries(fields.map(({ name, initial }) => [name, initial]));
  return Object.assign({}, defaults, ...over) as Values;
}

/** What is sent: numbers as numbers, nothing for what was left empty and has no default. */
export function configFrom(fields: readonly Field[], values: Values): Values {
  return Object.fromEntries(
    fields.flatMap(({ name, kind, required }) => {
      const value = values[name];
      if (kind === 'number' && (value === '' || value === null || value === undefined)) return [];
      if (kind === 'json' && !required && isEmptyObject(value)) return [];
      return [[name, kind === 'text' && typeof value === 'string' ? value.trim() : value]];
    }),
  );
}

const isEmptyObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0;

/** What keeps a form from being sent, by field. The hub checks everything again. */
export function missing(fields: readonly Field[], values: Values): string[] {
  return fields
    .filter(({ kind, required }) => required && kind !== 'switch')
    .filter(({ name }) => {
      const value = values[name];
      return value === undefined || value === null || value === '' || isEmptyObject(value);
    })
    .map(({ name }) => name);
}

/** Which field a refusal of the hub is about: its texts begin with the field's name. */
export function blamed(
  text: string,
  fields: readonly Field[],
): { name: string; why: string } | null {
  const found = /^([a-z_][\w.]*): (.+)$/s.exec(text);
  const name = found?.[1]?.split('.')[0];
  if (!found || !fields.some((one) => one.name === name) || name === undefined) return null;
  return { name, why: found[1] === name ? (found[2] ?? '') : text };
}
