import { describe, expect, test } from 'vitest';
import { lastChange, movementOf } from '../../../src/writes/vendor-timeline.ts';
import { CLOCK, profile, SENT_AT_MS } from './deciding.ts';

/** A profile that was changed so long before the send. */
const idle = (ms: number) => profile({ updatedAt: new Date(SENT_AT_MS - ms).toISOString() });

describe('the last change of a profile was', () => {
  test.each<[string, string, ReturnType<typeof idle>, typeof CLOCK | undefined]>([
    ['before', '30.001 s earlier', idle(30_001), CLOCK],
    ['unknown', '30 s earlier', idle(30_000), CLOCK],
    ['unknown', '1.001 s earlier', idle(1_001), CLOCK],
    ['since', '1 s earlier', idle(1_000), CLOCK],
    ['since', 'later', idle(-5_000), CLOCK],
    ['unknown', 'at no time that is shown', profile({}), CLOCK],
    ['unknown', 'by no clock', idle(60_000), undefined],
  ])('%s the send: %s', (expected, _, shown, clock) => {
    expect(lastChange(clock, SENT_AT_MS, shown)).toBe(expected);
  });

  test('unknown where the vendor sends no date', () => {
    const clock = { date: undefined, atMs: CLOCK.atMs };
    expect(lastChange(clock, SENT_AT_MS, idle(60_000))).toBe('unknown');
  });
});

describe('a profile', () => {
  const [old, recent] = [idle(60_000), idle(10_000)];
  const created = profile({ createdAt: '2026-01-01T00:00:00Z' });
  test.each<[string, string, ReturnType<typeof idle>, ReturnType<typeof idle> | undefined]>([
    ['moved', 'differs from before', recent, old],
    ['moved', 'differs, without times', profile({ name: 'b' }), profile({ name: 'a' })],
    ['unmoved', 'is as before', recent, recent],
    ['unmoved', 'is as before, with the time of its creation', created, created],
    ['untimed', 'is as before, without times', profile({ name: 'a' }), profile({ name: 'a' })],
    ['untimed', 'has no times', profile({ name: 'a' }), undefined],
    ['unmoved', 'was changed long before', old, undefined],
    ['moved', 'was changed since', idle(0), undefined],
    ['unknown', 'was changed shortly before', recent, undefined],
    ['unknown', 'has the time of its creation alone', created, undefined],
  ])('has %s where it %s', (expected, _, shown, before) => {
    expect(movementOf(shown, before, CLOCK, SENT_AT_MS)).toBe(expected);
  });
});
