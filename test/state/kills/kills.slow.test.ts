import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { SUBJECTS } from '../../faults/subjects.ts';
import { count } from '../../support/counts.ts';
import { HALTS } from '../chaos/halts.ts';
import { inFolder } from '../sqlite-folder.ts';
import { type Killed, killAtEachStep, SESSION_MS, SETTLE_MS } from './kills.ts';

/** Each round kills ten writes at each step. */
const ROUNDS = count(1, 17);
const ROUND_MS_MAX = 90_000;
/** Time that a recovery may take beside the waits that it must keep. */
const WORK_MS = 2_000;

const vendors = SUBJECTS.filter(({ name }) => name !== 'iam (keystone)');

describe.concurrent.each(vendors)('$name', (subject) => {
  test('each write of a replica that is killed has a true end in time', {
    timeout: ROUNDS * ROUND_MS_MAX,
  }, async () => {
    let killed: readonly Killed[] = [];
    await inFolder(async (folder) => {
      killed = await killAtEachStep(subject, join(folder, 'state.db'), ROUNDS);
    })();
    const ends = Map.groupBy(killed, ({ fate, halt, outcome }) => `${halt} ${fate} ${outcome}`);
    const table = [...ends].map(([end, all]) => `${end}: ${all.length}, p99 ${p99(all)} ms`);
    process.stdout.write(`${subject.name}\n${table.join('\n')}\n`);
    expect(killed.flatMap(({ wrong }) => wrong ?? [])).toEqual([]);
    expect(killed.length).toBe(ROUNDS * HALTS.length * 10);
    const of = (outcome: string) => killed.filter((one) => one.outcome === outcome);
    expect(of('applied').length).toBeGreaterThan(0);
    expect(of('rejected').length).toBeGreaterThan(0);
    expect(p99(of('applied'))).toBeLessThan(SESSION_MS + WORK_MS);
    expect(p99(of('rejected'))).toBeLessThan(SESSION_MS + SETTLE_MS + WORK_MS);
  });
});

function p99(killed: readonly Killed[]): number {
  const sorted = killed.map(({ closedMs }) => closedMs).toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0);
}
