/**
 * The words of the app: one language is fetched, in two pieces, of which the second is for forms
 * and menus; the widget's settings may replace some.
 */

import en from './locales/en.json';
import enMore from './locales/en.more.json';
import ro from './locales/ro.json';
import roMore from './locales/ro.more.json';
import ru from './locales/ru.json';
import ruMore from './locales/ru.more.json';

export type Word = keyof typeof en | keyof typeof enMore;

/** Addresses of the words: the build puts them in place of the files' contents. */
const PLACES: Record<string, unknown[]> = { en: [en, enMore], ro: [ro, roMore], ru: [ru, ruMore] };

let words: Partial<Record<string, string>> = {};
let locale = 'en';
let replaced: Record<string, string> = {};

async function fetchWords(piece: 0 | 1): Promise<void> {
  const place = (PLACES[locale.slice(0, 2)] ?? PLACES.en!)[piece];
  const answer = await fetch(place as string, { credentials: 'omit' });
  words = { ...words, ...((await answer.json()) as object), ...replaced };
}

/** Fetches and speaks `language`, English where there is none; `texts` replace some words. */
export async function speak(language: string, texts: Record<string, string> = {}): Promise<void> {
  const isNew = locale !== language || !words.hello;
  locale = language;
  replaced = texts;
  if (isNew) await fetchWords(0);
  else words = { ...words, ...texts };
}

/** Fetches the words of forms and menus, in the language that is spoken. */
export const speakMore = () => fetchWords(1);

/** Returns the words called `name`, with `{name}`s filled in. */
export function t(name: Word, values: Record<string, string | number> = {}): string {
  return (words[name] ?? '').replace(/\{(\w+)\}/g, (_, key: string) => `${values[key] ?? ''}`);
}

/** Returns the words for a code of the hub, those of `invalid` when there are none. */
export const tCode = (code: string) => t(code in words ? (code as Word) : 'invalid');

export const clock = (at: number) =>
  new Date(at).toLocaleTimeString(locale, { hour: '2-digit', minute: '2-digit' });

export const sameDay = (one: number, other: number) =>
  new Date(one).toDateString() === new Date(other).toDateString();

/** Returns the day of `at` in words: today, yesterday, or its date. */
export function day(at: number): string {
  if (sameDay(at, Date.now())) return t('today');
  if (sameDay(at, Date.now() - 864e5)) return t('yesterday');
  return new Date(at).toLocaleDateString(locale, { day: 'numeric', month: 'long' });
}

/** Returns a moment to come: the hour, and the weekday unless it is today. */
export function moment(at: number): string {
  const weekday = sameDay(at, Date.now()) ? {} : { weekday: 'long' as const };
  return new Date(at).toLocaleString(locale, { ...weekday, hour: '2-digit', minute: '2-digit' });
}

/** Returns a size in the largest unit that leaves a number of at least 1. */
export function size(bytes: number): string {
  const steps = Math.min(2, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const unit = ['byte', 'kilobyte', 'megabyte'][steps]!;
  const format = { style: 'unit', unit, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, format).format(bytes / 1024 ** steps);
}
