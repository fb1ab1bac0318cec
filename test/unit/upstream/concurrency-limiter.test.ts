import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { createConcurrencyLimiter } from '../../../src/upstream/concurrency-limiter.ts';

const LONG = { waitMsMax: 5_000, permitTtlMs: 60_000, first: false };

function start(concurrency: number, queue: number) {
  let nowMs = 0;
  const slots = createConcurrencyLimiter(
    { maxConcurrentRequests: concurrency, maxQueuedRequests: queue },
    () => nowMs,
  );
  const order: string[] = [];
  const ask = (name: string, more: Partial<typeof LONG> = {}) => {
    const taken = slots.acquire({ ...LONG, ...more });
    if (taken === 'full') return { told: 'full' as const, end: () => {} };
    let end = (): void => {
      throw new Error(`${name} has no turn`);
    };
    const told = Promise.resolve(taken).then((turn) => {
      if (turn === 'late') return 'late';
      end = turn;
      order.push(name);
      return 'in';
    });
    return { told, end: () => end() };
  };
  const wait = (ms: number): void => {
    nowMs += ms;
  };
  return { ask, counts: slots.counts, order, wait };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('turns', () => {
  it('are counted right whichever of them end, or are taken back first', () => {
    const step = fc.oneof(
      fc.record({ permitTtlMs: fc.integer({ min: 0, max: 20 }) }),
      fc.record({ ends: fc.nat() }),
      fc.record({ passMs: fc.integer({ min: 0, max: 10 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        let nowMs = 0;
        const slots = createConcurrencyLimiter(
          { maxConcurrentRequests: 4, maxQueuedRequests: 0 },
          () => nowMs,
        );
        const given: { end: () => void; untilMs: number; isOver: boolean }[] = [];
        const open = () => given.filter(({ isOver }) => !isOver);
        for (const one of steps) {
          if ('passMs' in one) nowMs += one.passMs;
          else if ('ends' in one) {
            // A turn that was taken back, too, is ended by its holder in the end.
            const turn = given[one.ends % Math.max(1, given.length)];
            turn?.end();
            if (turn !== undefined) turn.isOver = true;
          } else {
            // What is over by its lease makes room only where there is none left.
            if (open().length === 4) {
              for (const turn of open()) turn.isOver = turn.untilMs < nowMs;
            }
            const taken = slots.acquire({ ...LONG, permitTtlMs: one.permitTtlMs });
            expect(typeof taken).toBe(open().length < 4 ? 'function' : 'string');
            if (typeof taken === 'function') {
              given.push({ end: taken, untilMs: nowMs + one.permitTtlMs, isOver: false });
            }
          }
          expect(slots.counts()).toEqual({ inFlight: open().length, waiting: 0 });
        }
      }),
    );
  });

  it('are given at once up to the bound, then in order', async () => {
    const { ask, counts, order } = start(2, 10);
    const [a, b] = [ask('a'), ask('b')];
    ask('c');
    ask('d');
    await settled();
    expect([order, counts()]).toEqual([['a', 'b'], { inFlight: 2, waiting: 2 }]);
    b.end();
    await settled();
    expect(order).toEqual(['a', 'b', 'c']);
    a.end();
    await settled();
    expect([order, counts()]).toEqual([['a', 'b', 'c', 'd'], { inFlight: 2, waiting: 0 }]);
  });

  it('are refused at once where too many wait', async () => {
    const { ask, counts } = start(1, 2);
    const asked = ['a', 'b', 'c', 'd'].map((name) => ask(name));
    expect(asked.map(({ told }) => told).at(-1)).toBe('full');
    expect(counts()).toEqual({ inFlight: 1, waiting: 2 });
  });

  it('are not waited for at all where the queue is 0', async () => {
    const { ask } = start(1, 0);
    const first = ask('a');
    expect(ask('b').told).toBe('full');
    await first.told;
    first.end();
    expect(await ask('c').told).toBe('in');
  });

  it('that come too late are given to nobody', async () => {
    const { ask, counts, order } = start(1, 10);
    const first = ask('a');
    expect(await ask('b', { waitMsMax: 20 }).told).toBe('late');
    expect(counts()).toEqual({ inFlight: 1, waiting: 0 });
    first.end();
    ask('c');
    await settled();
    expect(order).toEqual(['a', 'c']);
  });

  it('leave no timer that removes another waiter, where a timer cannot be cleared', async () => {
    // As on Workers, where a waiter's timer belongs to another request than the one that ends.
    const clear = vi.spyOn(globalThis, 'clearTimeout').mockImplementation(() => {});
    const { ask, order } = start(1, 10);
    const first = ask('a');
    const second = ask('b', { waitMsMax: 20 });
    await first.told;
    first.end();
    expect(await second.told).toBe('in');
    const third = ask('c');
    await new Promise((resolve) => setTimeout(resolve, 40));
    second.end();
    await settled();
    expect(order).toEqual(['a', 'b', 'c']);
    clear.mockRestore();
    third.end();
  });

  it('are not given to those whose time is over, who make room for others', async () => {
    const { ask, counts, order, wait } = start(1, 2);
    const first = ask('a');
    ask('b', { waitMsMax: 1_000 });
    ask('c', { waitMsMax: 1_000 });
    await first.told;
    wait(1_001);
    ask('d');
    expect(counts()).toEqual({ inFlight: 1, waiting: 1 });
    first.end();
    await settled();
    expect(order).toEqual(['a', 'd']);
  });

  it('go first to those that must end a write, for whom there is always room', async () => {
    const { ask, counts, order } = start(1, 1);
    const first = ask('a');
    ask('b');
    expect(ask('c').told).toBe('full');
    const urgent = ask('d', { first: true });
    expect(ask('e', { first: true }).told).toBe('full');
    expect(counts()).toEqual({ inFlight: 1, waiting: 2 });
    await settled();
    first.end();
    await settled();
    urgent.end();
    await settled();
    expect(order).toEqual(['a', 'd', 'b']);
  });

  it('that nobody ends are taken back after their lease, and count once', async () => {
    const { ask, counts, order, wait } = start(1, 10);
    const forgotten = ask('a', { permitTtlMs: 1_000 });
    await settled();
    wait(1_001);
    ask('b');
    await settled();
    expect(order).toEqual(['a', 'b']);
    forgotten.end();
    expect(counts()).toEqual({ inFlight: 1, waiting: 0 });
  });
});
