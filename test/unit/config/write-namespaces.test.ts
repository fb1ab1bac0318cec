import { expect, test } from 'vitest';
import { writeNamespaces } from '../../../src/config/write-namespaces.ts';

const place = (name: string, account: string, idNamespace = name) => ({
  name,
  account,
  idNamespace,
});

test('targets of one account share a namespace, whatever their id namespaces are', () => {
  const found = writeNamespaces([
    place('a', 'one'),
    place('b', 'one', 'apart'),
    place('c', 'two'),
    place('d', 'three', 'c'),
    place('e', 'four'),
  ]);
  expect(found.get('a')).toBe(found.get('b'));
  expect(found.get('c')).toBe(found.get('d'));
  expect(new Set(found.values()).size).toBe(3);
});

test('two groups that one target joins are one', () => {
  const found = writeNamespaces([
    place('a', 'one', 'x'),
    place('b', 'two', 'y'),
    place('c', 'two', 'x'),
  ]);
  expect(new Set(found.values()).size).toBe(1);
});

test('the order of targets does not matter', () => {
  const places = [place('a', 'two', 'x'), place('b', 'one', 'x'), place('c', 'three')];
  expect([...writeNamespaces(places)].sort()).toEqual(
    [...writeNamespaces(places.toReversed())].sort(),
  );
});

test('takes time in proportion to the targets', () => {
  const chain = Array.from({ length: 20_000 }, (_, i) =>
    place(`t${i}`, `a${i >> 1}`, `n${(i + 1) >> 1}`),
  );
  expect(new Set(writeNamespaces(chain).values()).size).toBe(1);
});
