import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createRateLimiter, rateHeaders, shareOfRate } from '../../../src/auth/rate-limiter.ts';

it('lets a burst pass, then one request for each part of a second', () => {
  let nowMs = 0;
  const admit = createRateLimiter(() => nowMs);
  const rate = { requestsPerSecond: 2, burst: 3 };
  const seen = Array.from({ length: 5 }, () => admit('hr', rate).admitted);
  expect(seen).toEqual([true, true, true, false, false]);
  expect(admit('hr', rate)).toEqual({
    admitted: false,
    remaining: 0,
    fullInSeconds: 2,
    nextInSeconds: 1,
  });
  expect(admit('it', rate)).toMatchObject({ admitted: true, remaining: 2 });
  nowMs = 500;
  expect([admit('hr', rate).admitted, admit('hr', rate).admitted]).toEqual([true, false]);
  nowMs = 60_000;
  expect(admit('hr', rate)).toMatchObject({ admitted: true, remaining: 2, fullInSeconds: 1 });
  nowMs = 0;
  expect(admit('hr', rate)).toMatchObject({ admitted: true, remaining: 1 });
});

it('never lets more pass than the burst and what has come since', async () => {
  const steps = fc.array(fc.tuple(fc.nat(2_000), fc.nat(5)), { maxLength: 60 });
  await fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 50 }), fc.nat(20), (moves, perSecond, more) => {
      let nowMs = 0;
      const admit = createRateLimiter(() => nowMs);
      const rate = { requestsPerSecond: perSecond, burst: 1 + more };
      let passed = 0;
      for (const [ms, requests] of moves) {
        nowMs += ms;
        for (let i = 0; i < requests; i += 1) {
          const { admitted, nextInSeconds } = admit('hr', rate);
          if (admitted) passed += 1;
          else expect(nextInSeconds).toBeGreaterThan(0);
          expect(passed).toBeLessThanOrEqual(rate.burst + (nowMs / 1000) * perSecond + 1e-6);
        }
      }
    }),
  );
});

it('after the time that it names a request passes', async () => {
  await fc.assert(
    fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), (requestsPerSecond) => {
      let nowMs = 1_000_000;
      const admit = createRateLimiter(() => nowMs);
      const rate = { requestsPerSecond, burst: 1 };
      admit('hr', rate);
      const { admitted, nextInSeconds } = admit('hr', rate);
      expect(admitted).toBe(false);
      nowMs += nextInSeconds * 1000;
      expect(admit('hr', rate).admitted).toBe(true);
    }),
  );
});

it('forgets who was silent longest when there are too many', () => {
  const admit = createRateLimiter(() => 0);
  const rate = { requestsPerSecond: 1, burst: 1 };
  for (let i = 0; i < 10_000; i += 1) admit(`caller-${i}`, rate);
  expect(admit('caller-0', rate).admitted).toBe(false);
  admit('one-more', rate);
  expect(admit('caller-0', rate).admitted).toBe(false);
  expect(admit('caller-1', rate).admitted).toBe(true);
});

it('tells the policy and what is left as structured fields', () => {
  const admission = { admitted: true, remaining: 7, fullInSeconds: 2, nextInSeconds: 0 };
  expect(rateHeaders({ requestsPerSecond: 4, burst: 10 }, admission)).toEqual([
    ['RateLimit-Policy', '"caller";q=10;w=3'],
    ['RateLimit', '"caller";r=7;t=2'],
  ]);
});

it('shares a rate among replicas, each with one request at once at least', () => {
  const rate = { requestsPerSecond: 30, burst: 10 };
  expect(shareOfRate(rate, 1)).toBe(rate);
  expect(shareOfRate(rate, 3)).toEqual({ requestsPerSecond: 10, burst: 3 });
  expect(shareOfRate({ requestsPerSecond: 1, burst: 2 }, 4)).toEqual({
    requestsPerSecond: 0.25,
    burst: 1,
  });
});
