import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { UNKINDNESSES, type Unkindness } from '../../adapters/sandbox-kit/unkind.ts';
import { type JsonObject, ownObject } from '../../src/adapter-kit/index.ts';
import { readSeed } from '../support/counts.ts';
import type { Case } from './cases.ts';
import { judgeRun, outcomeOf } from './judge.ts';
import { listOf, lossesOf } from './pointers.ts';
import { runCase, type Told } from './run-case.ts';
import { sequencesOf } from './sequences.ts';
import { SUBJECTS } from './subjects.ts';
import { memoryWire } from './wire.ts';

/** Members that the canonical model has, and that a vendor may not take as they are. */
const extras: fc.Arbitrary<JsonObject> = fc
  .record(
    {
      name: fc.constantFrom('x', 'a name that is long '.repeat(20)),
      description: fc.constantFrom('text', null, 'long '.repeat(100)),
      status: fc.constantFrom('active', 'on_leave'),
      updatedAt: fc.constant('2026-01-01T00:00:00Z'),
      attributes: fc.dictionary(
        fc.constantFrom('owner', 'cost_centre', 'remarks'),
        fc.oneof(fc.integer(), fc.boolean(), fc.constantFrom(null, 'text', { deep: [1] })),
        { maxKeys: 2, noNullPrototype: true },
      ),
      extensions: fc.constantFrom<JsonObject>(
        { naver: { durationSeconds: 5 } },
        { naver: { durationSeconds: 900, profileNrn: 'nrn' } },
        { nerm: { id_proofing_status: 'pass', uid: 'a' } },
        { iam: { parent_id: 'a', enabled: true } },
      ),
    },
    { requiredKeys: [] },
  )
  .map((record) => ({ ...record }));

/** The vendors have their own ways with a text, and none for a write that is answered late. */
const unkind: fc.Arbitrary<readonly Unkindness[]> = fc.oneof(
  { weight: 2, arbitrary: fc.constant([]) },
  {
    weight: 1,
    arbitrary: fc.subarray(
      UNKINDNESSES.filter((mode) => !mode.startsWith('late')),
      { minLength: 1, maxLength: 2 },
    ),
  },
);

const seed = readSeed();

/**
 * Tests that each pointer of a patch is in exactly one place of every answer, and that the
 * vendor's journal has what is said to be applied and none of what is said not to be.
 */
export function testPointerLaw(runs: number): void {
  describe.each(SUBJECTS.map((subject) => [subject.name, subject] as const))('%s', (_, subject) => {
    test(`places each pointer once: SEED=${seed}`, { timeout: 1_800_000 }, async () => {
      const ends = new Map<string, number>();
      await fc.assert(
        fc.asyncProperty(sequencesOf(subject, { extras, unkind }).map(printable), async (drawn) => {
          fc.pre(!showsNothingAndOldCopies(drawn));
          const given = { ...drawn, number: 0 };
          const run = await runCase(given, memoryWire());
          const { double, wrong } = judgeRun(given, run);
          expect({ wrong, double }).toEqual({ wrong: [], double: 0 });
          for (const told of run.told) count(ends, told);
        }),
        { numRuns: runs, seed },
      );
      expectAllPlaces(ends, runs, subject.vendor);
    });
  });
}

/** No client can see that a write is stored whose answer is empty and that an old copy hides. */
function showsNothingAndOldCopies({ hits, unkind }: Pick<Case, 'hits' | 'unkind'>): boolean {
  return (
    unkind?.includes('no_body') === true && hits.some(({ fault }) => fault.name === 'old copy')
  );
}

/** A failure is told by what was drawn, without the subject and the code of the faults. */
function printable<T extends Pick<Case, 'hits' | 'subject'>>(drawn: T): T {
  const hits = drawn.hits.map(({ fault, step, times }) => `${step}: ${fault.name} x${times}`);
  const text = JSON.stringify({ ...drawn, subject: drawn.subject.name, hits });
  return { ...drawn, [fc.toStringMethod]: () => text };
}

function count(ends: Map<string, number>, told: Told): void {
  const { coerced, dropped } = lossesOf(told.body);
  const body = ownObject(told.body, 'write') ?? told.body;
  const places = ['applied', 'notApplied', 'sent', 'unconfirmed'].filter(
    (list) => listOf(body, list).length > 0,
  );
  if (dropped.length > 0) places.push('dropped');
  if (coerced.length > 0) places.push('coerced');
  for (const end of [outcomeOf(told), ...places]) ends.set(end, (ends.get(end) ?? 0) + 1);
}

/** From so many runs on every place is met. */
const RUNS_WITH_ALL = 1_000;

/** A law that is never put to the test proves nothing. */
function expectAllPlaces(ends: ReadonlyMap<string, number>, runs: number, vendor: string): void {
  const places = ['applied', 'rejected', 'unknown'];
  if (runs >= RUNS_WITH_ALL) {
    places.push('noop', 'notApplied', 'sent', 'dropped');
    // NERM stores texts alone, and shows references in another form.
    if (vendor === 'nerm') places.push('coerced', 'unconfirmed');
  }
  expect(places.filter((place) => !ends.has(place))).toEqual([]);
}
