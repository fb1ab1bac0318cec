import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type CircuitBreaker,
  createCircuitBreaker,
  type Recorder,
  type RequestResult,
} from '../../../src/upstream/circuit-breaker.ts';
import { runs } from '../../support/counts.ts';

const LIMITS = { failureRatio: 0.5, windowMs: 10_000, minimumRequests: 4, openMs: 1_000 };

function start(limits = LIMITS) {
  let nowMs = 1_000_000;
  const breaker = createCircuitBreaker(limits, () => nowMs);
  const end = (verdict: RequestResult): string => {
    const pass = breaker.acquire();
    return pass === undefined ? 'refused' : (pass(verdict) ?? 'as before');
  };
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  return { breaker, end, wait };
}

function passed(breaker: CircuitBreaker): Recorder {
  const pass = breaker.acquire();
  if (pass === undefined) throw new Error('nothing may pass');
  return pass;
}

/** Opens a breaker of `LIMITS`. */
function opened() {
  const started = start();
  for (let i = 0; i < 4; i += 1) started.end('failed');
  expect(started.breaker.state()).toBe('open');
  return started;
}

describe('what opens it', () => {
  const fail = (count: number): RequestResult[] => Array.from({ length: count }, () => 'failed');
  const pass = (count: number): RequestResult[] => Array.from({ length: count }, () => 'ok');
  const skip = (count: number): RequestResult[] => Array.from({ length: count }, () => 'ignored');
  it.each<[title: string, ends: RequestResult[], state: string]>([
    ['nothing', [], 'closed'],
    ['too few requests', fail(3), 'closed'],
    ['enough requests that fail', fail(4), 'open'],
    ['less than the share', [...pass(3), ...fail(2)], 'closed'],
    ['just the share', [...pass(3), ...fail(3)], 'open'],
    ['ends that say nothing', [...fail(3), ...skip(9)], 'closed'],
    ['a failure after ends that say nothing', [...skip(9), ...fail(4)], 'open'],
  ])('%s', (_, ends, state) => {
    const { breaker, end } = start();
    for (const verdict of ends) end(verdict);
    expect(breaker.state()).toBe(state);
  });

  it('forgets what is older than its window', () => {
    const { breaker, end, wait } = start();
    for (let i = 0; i < 3; i += 1) end('failed');
    wait(LIMITS.windowMs);
    end('failed');
    expect(breaker.state()).toBe('closed');
    wait(LIMITS.windowMs / 2);
    for (let i = 0; i < 3; i += 1) end('failed');
    expect(breaker.state()).toBe('open');
  });
});

describe('once it is open', () => {
  it('lets nothing pass until its time is over, then one request at a time', () => {
    const { breaker, end, wait } = opened();
    expect([end('ok'), breaker.retryAfterMs()]).toEqual(['refused', 1_000]);
    wait(999);
    expect([end('ok'), breaker.retryAfterMs()]).toEqual(['refused', 1]);
    wait(1);
    expect([breaker.state(), breaker.retryAfterMs()]).toEqual(['half_open', 0]);
    const probe = passed(breaker);
    expect(end('ok')).toBe('refused');
    expect(breaker.retryAfterMs()).toBe(1_000);
    expect(probe('ok')).toBe('closed');
    expect([end('ok'), breaker.state()]).toEqual(['as before', 'closed']);
  });

  it('opens again for as long when the probe fails', () => {
    const { breaker, end, wait } = opened();
    wait(1_000);
    expect([end('failed'), breaker.retryAfterMs()]).toEqual(['open', 1_000]);
  });

  it('begins to count anew when it has closed', () => {
    const { breaker, end, wait } = opened();
    wait(1_000);
    end('ok');
    for (let i = 0; i < 3; i += 1) end('failed');
    expect(breaker.state()).toBe('closed');
  });

  it('takes another probe where the first says nothing, or never ends', () => {
    const { breaker, end, wait } = opened();
    wait(1_000);
    const lost = passed(breaker);
    expect(lost('ignored')).toBeUndefined();
    const forgotten = passed(breaker);
    wait(999);
    expect(end('ok')).toBe('refused');
    wait(1);
    const next = passed(breaker);
    // What the forgotten one says late is not the word of the one under way.
    expect(forgotten('ok')).toBeUndefined();
    expect(breaker.state()).toBe('half_open');
    expect(next('ok')).toBe('closed');
  });

  it('does not listen to requests that began before', () => {
    const { breaker, end, wait } = start();
    const early = passed(breaker);
    for (let i = 0; i < 4; i += 1) end('failed');
    expect(early('ok')).toBeUndefined();
    wait(1_000);
    expect(breaker.acquireForced()('ok')).toBeUndefined();
    expect(breaker.state()).toBe('half_open');
  });
});

/** The rule said plainly: all ends are kept, and looked through each time. */
function slowBreaker(limits: typeof LIMITS) {
  let ends: { atMs: number; failed: boolean }[] = [];
  let openUntilMs: number | undefined;
  return (verdict: RequestResult, nowMs: number): string => {
    if (openUntilMs !== undefined && nowMs < openUntilMs) return 'refused';
    const isProbe = openUntilMs !== undefined;
    if (verdict === 'ignored') return 'as before';
    if (isProbe && verdict === 'ok') {
      openUntilMs = undefined;
      ends = [];
      return 'closed';
    }
    ends.push({ atMs: nowMs, failed: verdict === 'failed' });
    const slice = (ms: number): number => Math.floor(ms / (limits.windowMs / 10));
    const seen = ends.filter(({ atMs }) => slice(atMs) > slice(nowMs) - 10);
    const failed = seen.filter((end) => end.failed).length;
    const opens =
      isProbe ||
      (seen.length >= limits.minimumRequests && failed / seen.length >= limits.failureRatio);
    if (!opens) return 'as before';
    openUntilMs = nowMs + limits.openMs;
    ends = [];
    return 'open';
  };
}

it('does as the plain rule says', () => {
  const step = fc.record({
    waitMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 4_000 })),
    verdict: fc.constantFrom<RequestResult>('ok', 'failed', 'ignored'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { end, wait } = start();
      const plain = slowBreaker(LIMITS);
      let nowMs = 1_000_000;
      for (const { verdict, waitMs } of steps) {
        wait(waitMs);
        nowMs += waitMs;
        const before = plain(verdict, nowMs);
        expect(end(verdict)).toBe(before);
      }
    }),
    runs(500, 5_000),
  );
});
