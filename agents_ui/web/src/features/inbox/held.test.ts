import { describe, expect, it } from 'vitest';
import { holdStill } from '@/features/inbox/held';
import { extend, keep, NOTHING, toggle } from '@/features/inbox/selection';

describe('a held list', () => {
  it('keeps its order and counts what waits', () => {
    expect(holdStill(['a', 'b', 'c'], ['c', 'a', 'b'])).toEqual({
      order: ['a', 'b', 'c'],
      waiting: 1,
    });
    expect(holdStill(['a', 'b'], ['n', 'a', 'b'])).toEqual({ order: ['a', 'b'], waiting: 1 });
  });

  it('lets go of rows that left the view', () => {
    expect(holdStill(['a', 'b', 'c'], ['a', 'c'])).toEqual({ order: ['a', 'c'], waiting: 0 });
  });

  it('takes further pages at its end without waiting', () => {
    expect(holdStill(['a', 'b'], ['a', 'b', 'c', 'd'])).toEqual({
      order: ['a', 'b', 'c', 'd'],
      waiting: 0,
    });
  });
});

describe('selection', () => {
  it('picks ranges from the last picked row, both ways', () => {
    const order = ['a', 'b', 'c', 'd'];
    const one = toggle(NOTHING, 'c');
    expect([...extend(one, 'a', order).ids].sort()).toEqual(['a', 'b', 'c']);
    expect([...extend(one, 'd', order).ids].sort()).toEqual(['c', 'd']);
  });

  it('forgets rows that left the list', () => {
    const both = toggle(toggle(NOTHING, 'a'), 'b');
    expect([...keep(both, ['b']).ids]).toEqual(['b']);
    expect(keep(both, ['a', 'b'])).toBe(both);
  });
});
