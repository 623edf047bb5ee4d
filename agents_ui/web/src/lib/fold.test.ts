import { expect, test } from 'vitest';
import { fit, fold, otherLayout } from './fold';

test('case and accents do not matter', () => {
  expect(fold('Bălți, ȘOSEAUA')).toBe('balti, soseaua');
});

test('a forgotten layout is read through', () => {
  expect(otherLayout('фыышпт')).toBe('assign');
  expect(otherLayout('rkbtyns')).toBe('клиенты');
  expect(fit('Assign to me', 'фыышпт')).toBeGreaterThan(0);
  expect(fit('Настройки', 'yfcn')).toBeGreaterThan(0);
});

test('the beginning of a word fits better than its middle', () => {
  expect(fit('Open settings', 'set')).toBeGreaterThan(fit('Reset the list', 'set'));
  expect(fit('Clients', 'settings')).toBe(0);
});
