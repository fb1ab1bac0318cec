import { expect, test } from 'vitest';
import { createLru } from '../../../src/state/lru.ts';

test('the entry whose last use is longest ago is dropped beyond the bound', () => {
  const lru = createLru<number>(3);
  for (const [i, key] of ['a', 'b', 'c'].entries()) lru.set(key, i);
  expect(lru.get('a')).toBe(0);
  lru.set('b', 10);
  lru.set('d', 3);
  expect(['a', 'b', 'c', 'd'].map(lru.get)).toEqual([0, 10, undefined, 3]);
});

test('a key that is not there is not kept by asking for it', () => {
  const lru = createLru<number>(1);
  lru.set('a', 1);
  expect(lru.get('b')).toBeUndefined();
  expect(lru.get('a')).toBe(1);
});

test('a deleted entry leaves room', () => {
  const lru = createLru<number>(2);
  lru.set('a', 1);
  lru.set('b', 2);
  lru.delete('b');
  lru.set('c', 3);
  expect(['a', 'b', 'c'].map(lru.get)).toEqual([1, undefined, 3]);
});
