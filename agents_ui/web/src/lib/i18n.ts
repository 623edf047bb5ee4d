/** Translations without a library: typed keys, `Intl` for everything a language decides. */

import en from '@locales/en';
import type admin from '@locales/en/admin.json';
import type chat from '@locales/en/chat.json';

export type Locale = 'en' | 'ro' | 'ru';
export const LOCALES: readonly Locale[] = ['en', 'ro', 'ru'];
export const LOCALE_NAMES: Record<Locale, string> = {
  en: 'English',
  ro: 'Română',
  ru: 'Русский',
};

type Plural = 'zero' | 'one' | 'two' | 'few' | 'many' | 'other';
type Base<K> = K extends `${infer B}_${Plural}` ? B : K;
export type Key = Base<keyof typeof en | keyof typeof admin | keyof typeof chat>;
export type Vars = Record<string, string | number>;
type Catalogue = Readonly<Record<string, string>>;

const loaders: Record<Exclude<Locale, 'en'>, () => Promise<{ default: Catalogue }>> = {
  ro: () => import('@locales/ro'),
  ru: () => import('@locales/ru'),
};

/** Texts the first list needs none of; they come with the parts of the page that do. */
const parts: Record<Part, Record<Locale, () => Promise<{ default: Catalogue }>>> = {
  admin: {
    en: () => import('@locales/en/admin.json'),
    ro: () => import('@locales/ro/admin.json'),
    ru: () => import('@locales/ru/admin.json'),
  },
  chat: {
    en: () => import('@locales/en/chat.json'),
    ro: () => import('@locales/ro/chat.json'),
    ru: () => import('@locales/ru/chat.json'),
  },
};
export type Part = 'admin' | 'chat';
const loaded = new Map<Part, Promise<void>>();

let current: Locale = 'en';
let catalogue: Catalogue = en;
let plurals = new Intl.PluralRules('en');
const listeners = new Set<() => void>();

export function locale(): Locale {
  return current;
}

/** Loads the catalogue and switches every text on the page. */
export async function setLocale(next: Locale): Promise<void> {
  const base = next === 'en' ? en : (await loaders[next]()).default;
  const more = await Promise.all([...loaded.keys()].map((part) => parts[part][next]()));
  catalogue = Object.assign({}, base, ...more.map((one) => one.default)) as Catalogue;
  current = next;
  plurals = new Intl.PluralRules(next);
  for (const listener of listeners) listener();
}

/** Adds the texts of a part of the app before it is shown. */
export async function loadPart(part: Part): Promise<void> {
  if (!loaded.has(part)) {
    loaded.set(part, Promise.resolve());
    loaded.set(part, setLocale(current));
  }
  await loaded.get(part);
}

export function onLocale(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** The text of `key` with `{name}` filled in; `count` chooses the plural form. */
export function t(key: Key, vars: Vars = {}): string {
  const text = lookup(key, vars.count) ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = vars[name];
    if (value === undefined) return whole;
    return typeof value === 'number' ? new Intl.NumberFormat(current).format(value) : value;
  });
}

function lookup(key: string, count: string | number | undefined): string | undefined {
  if (typeof count === 'number') {
    const form = catalogue[`${key}_${plurals.select(count)}`] ?? catalogue[`${key}_other`];
    if (form !== undefined) return form;
  }
  return catalogue[key] ?? (en as Catalogue)[key];
}

/** For texts whose key comes from the hub: the translation if there is one, else `fallback`. */
export function tMaybe(key: string, fallback: string, vars?: Vars): string {
  return catalogue[key] === undefined ? fallback : t(key as Key, vars);
}

/** The best of our languages for this browser. */
export function preferredLocale(wanted: readonly string[] = navigator.languages): Locale {
  for (const tag of wanted) {
    const found = LOCALES.find((name) => tag.toLowerCase().split('-')[0] === name);
    if (found) return found;
  }
  return 'en';
}
