import { expect, test } from 'vitest';
import fc from 'fast-check';
import { safeHref, spanTree, type Node } from './spans';

const flat = (nodes: Node[]): string =>
  nodes.map((node) => (typeof node === 'string' ? node : flat(node.children))).join('');

test('ranges inside ranges become a tree', () => {
  const tree = spanTree('ab cd', [
    { start: 0, end: 5, kind: 'bold' },
    { start: 3, end: 5, kind: 'italic' },
  ]);
  expect(tree).toEqual([
    {
      kind: 'bold',
      arg: null,
      children: ['ab ', { kind: 'italic', arg: null, children: ['cd'] }],
    },
  ]);
});

test('positions are code points: an emoji is one', () => {
  const tree = spanTree('😀 da', [{ start: 2, end: 4, kind: 'bold' }]);
  expect(tree).toEqual(['😀 ', { kind: 'bold', arg: null, children: ['da'] }]);
});

test('a piece of a longer text takes its part of the ranges', () => {
  const tree = spanTree('da', [{ start: 8, end: 11, kind: 'code' }], 10);
  expect(tree).toEqual([{ kind: 'code', arg: null, children: ['d'] }, 'a']);
});

test('whatever the ranges are, no letter is lost or said twice', () => {
  const span = fc.record({
    start: fc.integer({ min: -3, max: 40 }),
    end: fc.integer({ min: -3, max: 40 }),
    kind: fc.constantFrom('bold', 'italic', 'link'),
  });
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 30 }), fc.array(span), (text, spans) => {
      expect(flat(spanTree(text, spans))).toBe(text);
    }),
  );
});

test('only web, mail and phone addresses are followed', () => {
  expect(safeHref('https://punte.md/x')).toBe('https://punte.md/x');
  expect(safeHref('tel:+37322123456')).toBe('tel:+37322123456');
  expect(safeHref('javascript:alert(1)')).toBeNull();
  expect(safeHref('data:text/html,x')).toBeNull();
  expect(safeHref(null)).toBeNull();
});
