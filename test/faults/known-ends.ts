import { expect, test } from 'vitest';
import { readSeed } from '../support/counts.ts';
import { type Case, casesOf } from './cases.ts';
import { intentsOf } from './intents.ts';
import { judgeRun } from './judge.ts';
import { openProxy } from './proxy.ts';
import { runCase } from './run-case.ts';
import { type Judged, tableOf } from './table.ts';
import { socketWire } from './wire.ts';

const IN_FLIGHT = 32;
const UNKNOWN_SHARE_MAX = 0.05;

const seed = readSeed();
const only = process.env.CASE === undefined ? undefined : Number(process.env.CASE);

/** Tests that each of so many random cases ends as the vendor's state shows. */
export function testKnownEnds(usual: number, checkAll: (judged: readonly Judged[]) => void): void {
  test(`every write has a known end: SEED=${seed}`, { timeout: 600_000 }, async () => {
    const cases = casesOf(Number(process.env.CASES ?? usual), seed).filter(
      (c) => only === undefined || c.number === only,
    );
    const startMs = Date.now();
    const judged = await runAll(cases);
    process.stdout.write(`\n${tableOf(judged)}\n`);
    process.stdout.write(`${summaryOf(judged)}\n`);
    process.stdout.write(`SEED=${seed}, ${cases.length} cases in ${Date.now() - startMs} ms\n`);
    expect(wrongOf(judged).slice(0, 20)).toEqual([]);
    expect(judged).toHaveLength(cases.length);
    checkAll(judged);
  });
}

/** The cases of which something wrong was told, or that had a double effect. */
export function wrongOf(judged: readonly Judged[]): string[] {
  return judged
    .filter(({ verdict }) => verdict.wrong.length > 0 || verdict.double > 0)
    .map(({ given, verdict }) => {
      const { double, wrong } = verdict;
      const faults = given.hits.map(({ fault, step, times }) => `${step}: ${fault.name} x${times}`);
      const what = `${given.label} (${faults.join(', ')})`;
      return `${nameOf(given)}, ${what}: ${wrong.join('; ')}, ${double} double effects`;
    });
}

async function runAll(cases: readonly Case[]): Promise<Judged[]> {
  const judged: Judged[] = [];
  const waiting = cases.values();
  const serve = async (): Promise<void> => {
    const proxy = await openProxy();
    for (const given of waiting) {
      const run = await runCase(given, socketWire(proxy));
      const verdict = judgeRun(given, run);
      if (only !== undefined)
        console.dir(
          { given: { ...given, subject: given.subject.name }, run, verdict },
          { depth: 9 },
        );
      judged.push({ given, verdict });
    }
    await proxy.close();
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, serve));
  return judged;
}

/** Single failures, with a profile that can be read and no other writer. */
function mustBeKnown(judged: readonly Judged[]): { shown: Judged[]; partlyShown: Judged[] } {
  const single = judged.filter(({ given }) => given.mustBeKnown);
  const isShown = ({ given: { patch, seed, subject } }: Judged): boolean =>
    intentsOf(subject, patch, seed).every((intent) => intent.isShown);
  return { shown: single.filter(isShown), partlyShown: single.filter((one) => !isShown(one)) };
}

/** Classes of faults with too many unknown ends, of patches that the vendor shows as written. */
export function tooOftenUnknown(judged: readonly Judged[]): string[] {
  const classes = new Map<string, Judged[]>();
  for (const one of mustBeKnown(judged).shown) {
    const { label } = one.given;
    classes.set(label, [...(classes.get(label) ?? []), one]);
  }
  return [...classes].flatMap(([label, all]) => {
    const unknown = unknownOf(all);
    // One case says nothing of a share where a class has few.
    if (unknown.length <= Math.max(1, UNKNOWN_SHARE_MAX * all.length)) return [];
    const examples = unknown
      .slice(0, 5)
      .map(({ given, verdict }) => `${nameOf(given)} ${verdict.reason}`);
    return [`${label}: ${unknown.length} of ${all.length}: ${examples.join(', ')}`];
  });
}

function unknownOf(judged: readonly Judged[]): Judged[] {
  return judged.filter(({ verdict }) => verdict.outcome === 'unknown');
}

function summaryOf(judged: readonly Judged[]): string {
  const { partlyShown, shown } = mustBeKnown(judged);
  const told = (ones: readonly Judged[]): string => `${unknownOf(ones).length} of ${ones.length}`;
  const classes = Map.groupBy([...shown, ...partlyShown], ({ given }) => given.label);
  const most = [...classes]
    .map(([label, all]) => ({ label, share: unknownOf(all).length / all.length, told: told(all) }))
    .toSorted((a, b) => b.share - a.share)
    .slice(0, 5)
    .map((one) => `${one.label}: ${one.told}`);
  return (
    `one failure, readable, nobody else: unknown ${told(shown)}; ` +
    `where the vendor shows a member in another form or not at all: ${told(partlyShown)}; ` +
    `classes with the most: ${most.join(', ')}`
  );
}

/** How a case is found again, with the SEED of its run. */
function nameOf({ number, subject }: Case): string {
  return `CASE=${number} ${subject.name}`;
}
