import { expect, it } from 'vitest';
import { conflicts } from '@/features/card/conflict';
import { sideOf } from '@/features/card/merge';
import { showPhone } from '@/features/card/phone';

it('names only fields that both sides changed to different values', () => {
  const before = { about: 'a', locale: 'ro', lifecycle: 'lead' };
  const theirs = { about: 'b', locale: 'ru', lifecycle: 'lead' };
  const mine = { about: 'c', locale: 'ru', lifecycle: 'client' };
  expect(conflicts(before, mine, theirs).map(({ field }) => field)).toEqual(['about']);
});

it('keeps what the hub would keep until the agent chooses', () => {
  const about = { field: 'about', winner: '', loser: 'VIP', result: 'VIP' };
  expect(sideOf(about, {})).toBe('loser');
  expect(sideOf(about, { about: 'winner' })).toBe('winner');
});

it.each([
  ['+37369123456', '+373 69 123 456'],
  ['+40721234567', '+40 721 234 567'],
  ['+79161234567', '+7 916 123 45 67'],
  ['+3732212345', '+373 2212345'],
  ['1234', '1234'],
])('shows %s as %s', (number, shown) => {
  expect(showPhone(number)).toBe(shown);
});
