import { useSyncExternalStore } from 'react';
import { LOCALES, locale, onLocale, setLocale, type Locale } from '@/lib/i18n';

const REMEMBERED = 'punte.locale';

/** The language chosen in this browser, before anybody signs in. */
export function rememberedLocale(): Locale | null {
  const name = localStorage.getItem(REMEMBERED);
  return LOCALES.find((known) => known === name) ?? null;
}

export async function chooseLocale(next: Locale): Promise<void> {
  localStorage.setItem(REMEMBERED, next);
  await setLocale(next);
}

export function useLocale(): Locale {
  return useSyncExternalStore(onLocale, locale);
}
