import { describe, expect, it } from 'vitest';
import { createSlots } from '../../src/gateway/slots.ts';

const LONG = { waitMsMax: 5_000, leaseMs: 60_000, first: false };

function start(concurrency: number, queue: number) {
  let nowMs = 0;
  const slots = createSlots({ concurrency, queue }, () => nowMs);
  const order: string[] = [];
  const ask = (name: string, more: Partial<typeof LONG> = {}) => {
    const taken = slots.take({ ...LONG, ...more });
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
    const forgotten = ask('a', { leaseMs: 1_000 });
    await settled();
    wait(1_001);
    ask('b');
    await settled();
    expect(order).toEqual(['a', 'b']);
    forgotten.end();
    expect(counts()).toEqual({ inFlight: 1, waiting: 0 });
  });
});
