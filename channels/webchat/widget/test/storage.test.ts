import { beforeEach, expect, test } from 'vitest';
import { newId, newToken, Storage } from '../app/storage.ts';

beforeEach(() => localStorage.clear());

const frame = (cid: string, at: number) => ({ t: 'send', cid, at, text: cid });

test('two tabs keep what they have to say beside each other', () => {
  const [one, other] = [new Storage('k'), new Storage('k')];
  one.keep(frame('b', 2));
  other.keep(frame('a', 1));
  expect(one.unsent().map((each) => each.cid)).toEqual(['a', 'b']);
  other.drop('a');
  expect(one.unsent().map((each) => each.cid)).toEqual(['b']);
});

test('a page may have two widgets, whose words do not mix', () => {
  new Storage('one').keep(frame('a', 1));
  expect(new Storage('two').unsent()).toEqual([]);
});

test('where storage is forbidden, memory stands in', () => {
  const storage = new Storage('k', () => {
    throw new Error('SecurityError');
  });
  storage.keep(frame('a', 1));
  storage.set('token', 'x');
  expect(storage.unsent()).toHaveLength(1);
  storage.clear();
  expect(storage.get('token')).toBeNull();
});

test('tokens have the form the hub asks for, and are never the same', () => {
  expect(newToken()).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect(newToken()).not.toBe(newToken());
  expect(newId()).toMatch(/^[\w-]{8,64}$/);
});
