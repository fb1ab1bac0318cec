import { expect, test } from 'vitest';
import { IN_DOUBT_MAX } from '../../../src/limits.ts';
import { createInDoubtRegistry } from '../../../src/state/in-doubt.ts';

function start() {
  const clock = { ms: 0 };
  return { clock, doubts: createInDoubtRegistry(() => clock.ms) };
}

test('a doubt ends with its time', () => {
  const { clock, doubts } = start();
  doubts.mark('a', 1000);
  const left = [0, 400, 999, 1000, 1001].map((ms) => {
    clock.ms = ms;
    return doubts.leftMs('a');
  });
  expect(left).toEqual([1000, 600, 1, 0, 0]);
  expect(doubts.leftMs('b')).toBe(0);
});

test('a doubt ends when the write is proven, for its own profile', () => {
  const { doubts } = start();
  doubts.mark('a', 1000);
  doubts.mark('b', 1000);
  doubts.clear('a');
  expect([doubts.leftMs('a'), doubts.leftMs('b')]).toEqual([0, 1000]);
});

test('a second doubt never shortens the first', () => {
  const { clock, doubts } = start();
  doubts.mark('a', 1000);
  doubts.mark('a', 500);
  expect(doubts.leftMs('a')).toBe(1000);
  clock.ms = 700;
  doubts.mark('a', 500);
  expect(doubts.leftMs('a')).toBe(500);
});

test('the oldest doubts are forgotten beyond the bound', () => {
  const { doubts } = start();
  for (let i = 0; i < IN_DOUBT_MAX; i += 1) doubts.mark(`key ${i}`, 1000);
  doubts.mark('key 0', 1000);
  doubts.mark('one more', 1000);
  const left = ['key 0', 'key 1', 'key 2', 'one more'].map((key) => doubts.leftMs(key));
  expect(left).toEqual([1000, 0, 1000, 1000]);
});
