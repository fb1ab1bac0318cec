import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { indexFields } from '../../src/adapter-kit/field.ts';
import { type Field, optional } from '../../src/adapter-kit/index.ts';
import { patchSchema } from '../../src/writes/patch-schema.ts';
import { plan } from '../../src/writes/plan.ts';
import { runs } from '../support/counts.ts';
import { anyJson, type Member, membersOf, patchOf } from './arbitraries.ts';
import { deepFreeze } from './bench.ts';
import { seedProperties } from './environment.ts';
import { fieldsOf, subjects } from './subjects.ts';

seedProperties('plan');

const schema = patchSchema(adapters);

/** Fields of all vendors, so that a target meets names that only others have. */
const everyField: readonly Field[] = subjects.flatMap(fieldsOf);

describe.each(subjects)('$title', (subject) => {
  const fields = fieldsOf(subject);
  const index = indexFields(fields);
  const members = fc.oneof(
    membersOf(subject.vendor, fields),
    membersOf(subject.vendor, everyField),
  );
  const coerced = fields.filter(({ codec }) => codec.encode(1).ok && codec.type === 'string');
  const handling = fc.constantFrom('strict' as const, 'lenient' as const);

  test('7: sent and dropped pointers partition the patch, coerced ones are sent', () => {
    const ends = { refused: 0, planned: 0, sent: 0, dropped: 0, coerced: 0 };
    fc.assert(
      fc.property(members, handling, (given, how) => {
        const parsed = schema.safeParse(deepFreeze(patchOf(given)));
        if (!parsed.success) {
          ends.refused += 1;
          return;
        }
        ends.planned += 1;
        const { entries } = parsed.data;
        const { changes, losses, refusals } = plan(deepFreeze(entries), index, how);
        const pointers = [...changes, ...refusals].map(({ pointer }) => pointer);
        expect(new Set(pointers).size).toBe(pointers.length);
        expect(pointers.toSorted()).toEqual(entries.map(({ pointer }) => pointer).toSorted());
        const sent = new Set(changes.map(({ pointer }) => pointer));
        expect(losses.filter((loss) => loss.kind !== 'coerced')).toEqual([]);
        expect(losses.filter(({ pointer }) => !sent.has(pointer))).toEqual([]);
        if (how === 'strict') expect(losses).toEqual([]);
        ends.sent += changes.length;
        ends.dropped += refusals.length;
        ends.coerced += losses.length;
      }),
      {
        ...runs(500, 10_000),
        // Random patches seldom have a number where a vendor stores a text.
        examples: coerced.map((field): [Member[], 'lenient'] => [
          [{ field, ...optional('key', field.map && 'key'), value: 1 }],
          'lenient',
        ]),
      },
    );
    expect(ends.planned).toBeGreaterThan(ends.refused / 3);
    expect(ends.sent).toBeGreaterThan(0);
    expect(ends.dropped).toBeGreaterThan(0);
    expect(ends.coerced > 0).toBe(coerced.length > 0);
  });

  test('6: any JSON as a patch is planned or refused', () => {
    fc.assert(
      fc.property(anyJson, handling, (given, how) => {
        const parsed = schema.safeParse(deepFreeze(given));
        if (parsed.success) plan(parsed.data.entries, index, how);
        else expect(parsed.error.issues.length).toBeGreaterThan(0);
      }),
      runs(200, 2000),
    );
  });
});
