import { afterEach, expect, test } from 'vitest';
import base from '@locales/en';
import admin from '@locales/en/admin.json';
import chat from '@locales/en/chat.json';
import roBase from '@locales/ro';
import roAdmin from '@locales/ro/admin.json';
import roChat from '@locales/ro/chat.json';
import ruBase from '@locales/ru';
import ruAdmin from '@locales/ru/admin.json';
import ruChat from '@locales/ru/chat.json';
import { loadPart, preferredLocale, setLocale, t } from './i18n';

const en = { ...base, ...admin, ...chat };
const ro = { ...roBase, ...roAdmin, ...roChat };
const ru = { ...ruBase, ...ruAdmin, ...ruChat };
const CATALOGUES: Record<string, Record<string, string>> = { en, ro, ru };
const FORM = /_(zero|one|two|few|many|other)$/;

/** A plural is a key with at least an `_other` form in English. */
const isPlural = (key: string) => FORM.test(key) && `${key.replace(FORM, '')}_other` in en;
const stem = (key: string) => (isPlural(key) ? key.replace(FORM, '') : key);
const placeholders = (text: string) =>
  [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name).sort();
const tags = (text: string) => [...text.matchAll(/<(\d)>/g)].map(([, at = '']) => at).sort();

afterEach(() => setLocale('en'));

test.each(['ro', 'ru'])('%s has every text and no other', (name) => {
  const keys = (catalogue: Record<string, string>) =>
    [...new Set(Object.keys(catalogue).map(stem))].sort();
  expect(keys(CATALOGUES[name] ?? {})).toEqual(keys(en));
});

test.each(['en', 'ro', 'ru'])('%s has every plural form its grammar knows', (name) => {
  const catalogue = CATALOGUES[name] ?? {};
  const forms = new Intl.PluralRules(name).resolvedOptions().pluralCategories.toSorted();
  const plurals = new Set(Object.keys(en).filter(isPlural).map(stem));
  for (const key of plurals) {
    const have = forms.filter((form) => `${key}_${form}` in catalogue);
    expect([key, have]).toEqual([key, forms]);
  }
});

test.each(['ro', 'ru'])('%s uses the same placeholders and marks as English', (name) => {
  for (const [key, text] of Object.entries(CATALOGUES[name] ?? {})) {
    const english =
      (en as Record<string, string>)[isPlural(key) ? `${stem(key)}_other` : key] ?? '';
    // "o zi" needs no number: the form for one may leave the count out.
    const wanted = placeholders(english).filter(
      (at) => at !== 'count' || placeholders(text).includes(at),
    );
    expect([key, placeholders(text), tags(text)]).toEqual([key, wanted, tags(english)]);
  }
});

test('Romanian is written with comma-below letters', () => {
  for (const [key, text] of Object.entries(ro))
    expect([key, /[şţŞŢ]/.test(text)]).toEqual([key, false]);
});

test('no text is empty', () => {
  for (const catalogue of Object.values(CATALOGUES)) {
    for (const [key, text] of Object.entries(catalogue))
      expect([key, text.trim()]).not.toEqual([key, '']);
  }
});

test('each language counts by its own rules', async () => {
  await loadPart('admin');
  const days = () => [1, 3, 21, 25].map((count) => t('keys_page.days', { count }));
  expect(days()).toEqual(['1 day', '3 days', '21 days', '25 days']);
  await setLocale('ro');
  expect(days()).toEqual(['o zi', '3 zile', '21 de zile', '25 de zile']);
  await setLocale('ru');
  expect(days()).toEqual(['1 день', '3 дня', '21 день', '25 дней']);
});

test('the first language of the browser that we speak is taken', () => {
  expect(preferredLocale(['de-DE', 'ro-MD', 'en'])).toBe('ro');
  expect(preferredLocale(['de'])).toBe('en');
});
