import { afterEach, expect, test } from 'vitest';
import { ago, bytes, dayName, listTime, span } from './format';
import { setLocale } from './i18n';

const NOW = new Date(2026, 10, 24, 15, 0, 0).getTime();
const at = (ms: number) => new Date(NOW + ms).toISOString();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

afterEach(() => setLocale('en'));

test('a list says how old a row is in as few signs as it can', () => {
  expect(listTime(at(-10_000), NOW)).toBe('now');
  expect(listTime(at(-5 * MINUTE), NOW)).toBe('5 min');
  expect(listTime(at(-3 * HOUR), NOW)).toMatch(/12:00/);
  expect(listTime(at(-2 * DAY), NOW)).toBe('Sun');
  expect(listTime(at(-30 * DAY), NOW)).toBe('Oct 25');
  expect(listTime(at(-400 * DAY), NOW)).toMatch(/2025/);
});

test('times are told in the language of the page', async () => {
  expect(ago(at(-2 * HOUR), NOW)).toBe('2 hours ago');
  await setLocale('ru');
  expect(ago(at(-2 * HOUR), NOW)).toBe('2 часа назад');
  expect(dayName(at(0), NOW)).toBe('Сегодня');
  await setLocale('ro');
  expect(dayName(at(-DAY), NOW)).toBe('Ieri');
});

test('sizes and spans use their largest unit', () => {
  expect(bytes(0)).toBe('0 byte');
  expect(bytes(1_440_000)).toBe('1.4 MB');
  expect(span(90)).toBe('2 min');
  expect(span(7200)).toBe('2 hr');
});
