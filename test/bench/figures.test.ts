import { describe, expect, it } from 'vitest';
import { boundLine, holds, summary } from './figures.ts';
import { firstBound, restBound, speedBounds, table } from './report.ts';
import type { Measured } from './speed.ts';
import { PEERS } from './stage.ts';
import { hopsBetween } from './trace-figures.ts';
import { instrumented, TRACE_ENTRY } from './trace-functions.ts';
import { activeMs } from './worker-start.ts';

describe('figures', () => {
  it('the median, and how far the others lie from it', () => {
    expect(summary([3, 1, 2])).toEqual({ median: 2, least: 1, most: 3 });
    expect(summary([4, 1, 2, 3])).toEqual({ median: 2.5, least: 1, most: 4 });
  });

  it('a bound is broken on its own side only', () => {
    expect(holds({ says: 'a', measured: 0.84, atLeast: 0.85 })).toBe(false);
    expect(holds({ says: 'a', measured: 0.85, atLeast: 0.85 })).toBe(true);
    expect(holds({ says: 'a', measured: 1.21, atMost: 1.2 })).toBe(false);
    expect(boundLine({ says: 'a', measured: Number.NaN, atMost: 1.2 })).toMatch(/^FAILED/);
  });

  const figures = { perSecond: 10, cpuMicroseconds: 50, p50Ms: 1, p99Ms: 2 };
  const measured = (['naver', 'nerm', 'senlin'] as const).flatMap((scenario): Measured[] =>
    (['gateway', 'gateway, large', ...PEERS] as const).map((subject) => ({
      ...{ subject, scenario, connections: 32 },
      rounds: [subject === 'fastify' ? { ...figures, perSecond: 20 } : figures],
    })),
  );

  it('ratios are those of the same scenario', () => {
    const failed = speedBounds(measured).filter((bound) => !holds(bound));
    expect(failed.map(({ says }) => says)).toEqual([
      "naver: requests/s to Fastify's",
      "nerm: requests/s to Fastify's",
      // Nobody asked one at a time.
      'p50 added to a direct call, one caller',
    ]);
  });

  it('the first requests are compared with those of Fastify, a pause with what was before', () => {
    const first = (gateway: readonly number[]) => firstBound({ gateway, fastify: [100, 90, 800] });
    expect(holds(first([150, 140, 900]))).toBe(true);
    expect(holds(first([151, 140, 900]))).toBe(false);
    const rest = (after: readonly number[]) => restBound({ after, steady: [50, 40, 60] });
    expect(holds(rest([60, 55, 900]))).toBe(true);
    expect(holds(rest([61, 55, 900]))).toBe(false);
  });

  it('the start of a Worker takes what it was not idle for', () => {
    const nodes = ['(idle)', 'start', '(garbage collector)'].map((functionName, id) => ({
      ...{ id, callFrame: { functionName } },
    }));
    const timeDeltas = [8_000, 9_500, 500, 1_000, 4_000];
    expect(activeMs({ nodes, samples: [0, 1, 2, 1, 0], timeDeltas })).toBe(11);
  });

  it('the table has a row for each measurement', () => {
    expect(table(measured).split('\n')).toHaveLength(measured.length + 2);
    expect(table(measured)).toContain('| naver | gateway | 32 | 10 (10 to 10) | 0.50 | 50 |');
  });
});

describe('a trace', () => {
  it('counts entries, functions, files, and entries into another file', () => {
    const traced = hopsBetween(['a.ts:1', 'a.ts:9', 'b.ts:1', 'a.ts:1']);
    const files = new Map(Object.entries({ 'a.ts': 3, 'b.ts': 1 }));
    expect(traced).toEqual({ entries: 4, functions: 3, files, hops: 2 });
  });

  it('each form of function reports its entry and returns what it returned', () => {
    const text = `
      const double = (n: number) => n * 2;
      const wrapped = (n: number) => ({ n: (double(n)) });
      function* steps(): Generator<number> { yield 1; }
      class Box { get(n: number) { return wrapped(n); } }
      return [new Box().get(3), [...steps()]];`;
    const body = instrumented('x.ts', `function all() {${text}}`);
    const entered: string[] = [];
    const run = new Function(TRACE_ENTRY, `${body}; return all();`);
    expect(run((place: string) => entered.push(place))).toEqual([{ n: 6 }, [1]]);
    expect(new Set(entered).size).toBe(5);
  });
});
