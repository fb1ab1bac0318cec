import fc from 'fast-check';
import { beforeAll, describe, test } from 'vitest';
import { runs } from '../support/counts.ts';
import { key, text } from './arbitraries.ts';
import { seedProperties } from './environment.ts';
import { expectIdsRefused, FRAGMENTS, hostileIds, rootsOf, tryId } from './hostile-ids.ts';
import { createHarness, type Harness, subjects } from './subjects.ts';

seedProperties('hostile ids');

describe.each(subjects)('$title', (subject) => {
  let harness: Harness;
  let roots: string[];
  beforeAll(async () => {
    harness = await createHarness(subject);
    roots = await rootsOf(harness);
  });

  test('through the gateway', async () => {
    for (const id of hostileIds(subject)) await tryId(harness, roots, id);
  });

  test('through the gateway, any text', async () => {
    const mixed = fc
      .array(fc.oneof(fc.constantFrom(...FRAGMENTS, subject.id), text, key), { maxLength: 4 })
      .map((parts) => parts.join('').toWellFormed());
    await fc.assert(
      fc.asyncProperty(mixed, (id) => tryId(harness, roots, id)),
      runs(50, 500),
    );
  });

  test('the adapter alone: an id that it takes stays in its place', () => {
    expectIdsRefused(harness, roots);
  });
});
