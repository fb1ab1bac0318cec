import { expect, test } from 'vitest';
import { IN_DOUBT_MAX } from '../../../src/limits.ts';
import { createInDoubtRegistry } from '../../../src/state/in-doubt.ts';

test('a doubt ends with its time', () => {
  const doubts = createInDoubtRegistry();
  doubts.mark('a', 1000);
  const left = [0, 400, 999, 1000, 1001].map((nowMs) => doubts.leftMs('a', nowMs));
  expect(left).toEqual([1000, 600, 1, 0, 0]);
  expect(doubts.leftMs('b', 0)).toBe(0);
});

test('a doubt ends when the write is proven, for its own profile', () => {
  const doubts = createInDoubtRegistry();
  doubts.mark('a', 1000);
  doubts.mark('b', 1000);
  doubts.clear('a');
  expect([doubts.leftMs('a', 0), doubts.leftMs('b', 0)]).toEqual([0, 1000]);
});

test('a second doubt never shortens the first', () => {
  const doubts = createInDoubtRegistry();
  doubts.mark('a', 1000);
  doubts.mark('a', 500);
  expect(doubts.leftMs('a', 0)).toBe(1000);
});

test('the oldest doubts are forgotten beyond the bound', () => {
  const doubts = createInDoubtRegistry();
  for (let i = 0; i < IN_DOUBT_MAX; i += 1) doubts.mark(`key ${i}`, 1000);
  doubts.mark('key 0', 1000);
  doubts.mark('one more', 1000);
  const left = ['key 0', 'key 1', 'key 2', 'one more'].map((key) => doubts.leftMs(key, 0));
  expect(left).toEqual([1000, 0, 1000, 1000]);
});
