import { expect, test } from 'vitest';
import { createWriteId } from '../../../src/state/write-id.ts';

const VERSION_7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

test('an id is a UUID of version 7', () => {
  for (const now of [0, 1, 1_700_000_000_000, 2 ** 48 - 1]) {
    expect(createWriteId({ now: () => now })).toMatch(VERSION_7);
  }
});

test('ids are in the order of their moments, and differ within one', () => {
  const moments = [1_700_000_000_000, 1_700_000_000_001, 1_700_000_065_536, 1_999_999_999_999];
  const ids = moments.map((now) => createWriteId({ now: () => now }));
  expect(ids.toSorted()).toEqual(ids);
  expect(new Set(Array.from({ length: 1_000 }, () => createWriteId({ now: () => 7 }))).size).toBe(
    1_000,
  );
});
