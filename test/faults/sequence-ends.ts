import { expect, test } from 'vitest';
import { readSeed } from '../support/counts.ts';
import type { Case } from './cases.ts';
import { judgeRun } from './judge.ts';
import { wrongOf } from './known-ends.ts';
import { runCase } from './run-case.ts';
import { sequenceCases } from './sequences.ts';
import { type Judged, tableOf } from './table.ts';
import { memoryWire } from './wire.ts';

const seed = readSeed();
const only = process.env.CASE === undefined ? undefined : Number(process.env.CASE);

/** Tests that each of so many random sequences of faults ends as the vendor's state shows. */
export function testSequences(usual: number): void {
  const name = `every sequence of faults has a known end: SEED=${seed}`;
  test(name, { timeout: 600_000 }, async () => {
    const cases = sequenceCases(Number(process.env.CASES ?? usual), seed);
    const startMs = Date.now();
    const judged: Judged[] = [];
    for (const given of cases) {
      if (only === undefined || only === given.number) judged.push(await judgedInMemory(given));
    }
    const spentMs = Date.now() - startMs;
    process.stdout.write(`\n${tableOf(judged)}\nSEED=${seed}, ${judged.length} in ${spentMs} ms\n`);
    expect(wrongOf(judged).slice(0, 20)).toEqual([]);
    expectAllEnds(judged);
  });
}

async function judgedInMemory(given: Case): Promise<Judged> {
  const run = await runCase(given, memoryWire());
  const verdict = judgeRun(given, run);
  if (only !== undefined) {
    console.dir({ given: { ...given, subject: given.subject.name }, run, verdict }, { depth: 9 });
  }
  return { given, verdict };
}

/** From so many cases on every outcome is met. */
const CASES_WITH_ALL = 5_000;

/** Sequences that reach only some ends prove little of the others. */
function expectAllEnds(judged: readonly Judged[]): void {
  if (only !== undefined) return;
  const rare = judged.length < CASES_WITH_ALL ? [] : ['noop', 'partial'];
  const outcomes = new Set(judged.map(({ verdict }) => verdict.outcome));
  const all = ['applied', 'rejected', 'unknown', ...rare];
  expect(all.filter((outcome) => !outcomes.has(outcome))).toEqual([]);
}
