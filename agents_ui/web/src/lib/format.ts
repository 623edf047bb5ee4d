/** Numbers and times as the reader's language writes them. */

import { locale } from './i18n';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function formatter(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale()} ${JSON.stringify(options)}`;
  let made = cache.get(key);
  if (!made) cache.set(key, (made = new Intl.DateTimeFormat(locale(), options)));
  return made;
}
const cache = new Map<string, Intl.DateTimeFormat>();

/** 14:05 */
export function clockTime(iso: string): string {
  return formatter({ hour: '2-digit', minute: '2-digit' }).format(new Date(iso));
}

/** Tuesday, 24 November 2026, 14:05: for tooltips. */
export function fullTime(iso: string): string {
  return formatter({ dateStyle: 'full', timeStyle: 'short' }).format(new Date(iso));
}

/** 24 Nov 2026, 14:05 */
export function shortDateTime(iso: string): string {
  return formatter({ dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

/** For a list: now, 5 min, 14:05 today, Mon this week, 24 Nov, 24 Nov 2025. */
export function listTime(iso: string, now: number): string {
  const at = new Date(iso);
  const age = now - at.getTime();
  const today = new Date(now);
  if (age < MINUTE && age > -MINUTE) return relative(0, 'second');
  if (age >= 0 && age < HOUR) return unit(Math.floor(age / MINUTE), 'minute');
  if (at.toDateString() === today.toDateString()) return clockTime(iso);
  if (age > 0 && age < 6 * DAY) return formatter({ weekday: 'short' }).format(at);
  if (at.getFullYear() === today.getFullYear())
    return formatter({ day: 'numeric', month: 'short' }).format(at);
  return formatter({ day: 'numeric', month: 'short', year: 'numeric' }).format(at);
}

/** 5 minutes ago, yesterday, in 2 hours. */
export function ago(iso: string, now: number): string {
  const seconds = Math.round((new Date(iso).getTime() - now) / 1000);
  const size = Math.abs(seconds);
  if (size < 45) return relative(0, 'second');
  if (size < 3600) return relative(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return relative(Math.round(seconds / 3600), 'hour');
  return relative(Math.round(seconds / 86_400), 'day');
}

/** The heading over a day of messages: Today, Yesterday, Tuesday 24 November. */
export function dayName(iso: string, now: number): string {
  const at = new Date(iso);
  const days = Math.round((startOfDay(at) - startOfDay(new Date(now))) / DAY);
  if (days === 0 || days === -1) return capital(relative(days, 'day'));
  const year = at.getFullYear() === new Date(now).getFullYear() ? {} : { year: 'numeric' as const };
  return capital(formatter({ weekday: 'long', day: 'numeric', month: 'long', ...year }).format(at));
}

/** 1.4 MB */
export function bytes(size: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'];
  const step = Math.min(Math.floor(Math.log10(Math.max(size, 1)) / 3), units.length - 1);
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: units[step] ?? 'byte',
    unitDisplay: 'short',
    maximumFractionDigits: step ? 1 : 0,
  }).format(size / 1000 ** step);
}

/** 2 min, 3 h: a span in its largest unit. */
export function span(seconds: number): string {
  if (seconds < 60) return unit(Math.round(seconds), 'second');
  if (seconds < 3600) return unit(Math.round(seconds / 60), 'minute');
  if (seconds < 86_400) return unit(Math.round(seconds / 3600), 'hour');
  return unit(Math.round(seconds / 86_400), 'day');
}

export function list(items: readonly string[]): string {
  return new Intl.ListFormat(locale(), { type: 'conjunction' }).format(items);
}

function unit(value: number, name: string): string {
  return new Intl.NumberFormat(locale(), {
    style: 'unit',
    unit: name,
    unitDisplay: 'short',
  }).format(value);
}

function relative(value: number, name: Intl.RelativeTimeFormatUnit): string {
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(value, name);
}

function startOfDay(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase(locale()) + text.slice(1);
}

/** €0.12: an amount as the hub gives it, in decimals as text. */
export function money(amount: string, currency: string): string {
  const value = Number(amount);
  try {
    return new Intl.NumberFormat(locale(), {
      style: 'currency',
      currency,
      maximumFractionDigits: 4,
    }).format(value);
  } catch {
    return `${amount} ${currency}`; // no currency the browser knows
  }
}
