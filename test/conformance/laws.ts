import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type Field,
  isObject,
  type Json,
  type JsonObject,
  own,
} from '../../src/adapter-kit/index.ts';
import { runs } from '../support/counts.ts';
import { type Member, memberOf, membersOf, patchOf } from './arbitraries.ts';
import { contentOf } from './bench.ts';
import { DEVIATIONS } from './deviations.ts';
import {
  composed,
  expectedAfter,
  expectSame,
  isBroken,
  isExact,
  type Leeway,
  leewayOf,
  placeOf,
  untimed,
  wasTaken,
  wireNamesOf,
} from './judged.ts';
import { changedMembers, fieldsOf, type Harness, type Subject } from './subjects.ts';

/** One law of one subject. Throws where it does not hold. */
export type Law = {
  readonly title: string;
  readonly hold: (harness: Harness) => Promise<void>;
};

/** What the laws of one subject go by: the vendor's own declarations. */
type Ground = {
  readonly subject: Subject;
  readonly fields: readonly Field[];
  readonly readable: readonly Field[];
  readonly exact: readonly Field[];
  readonly leeway: Leeway;
  readonly share: number;
};

/** The laws of a subject; `fields` are those of its vendor, `share` the part of the usual runs. */
export function lawsOf(
  subject: Subject,
  fields: readonly Field[] = fieldsOf(subject),
  share = 1,
): Law[] {
  const writable = fields.filter((field) => field.access !== 'read_only');
  const readable = writable.filter((field) => field.confirmation !== 'never');
  const exact = writable.filter((field) => isExact({ field, value: '' }));
  const leeway = leewayOf(subject.title, fields);
  const ground: Ground = { subject, fields, readable, exact, leeway, share };
  return [
    ...exact.map((field) => ({
      title: `1: ${field.pointer} reads as it was written`,
      hold: (harness: Harness) => readsAsWritten(harness, ground, field),
    })),
    {
      title: '2: writing back what was read changes nothing',
      hold: (harness) => readBackChangesNothing(harness, ground),
    },
    ...writable.map((field) => ({
      title: `3: a patch of ${field.pointer} changes nothing else`,
      hold: (harness: Harness) => changesNothingElse(harness, ground, field),
    })),
    {
      title: '4: one patch and then another is their merge',
      hold: (harness) => composes(harness, ground),
    },
    {
      title: '5: the same patch twice is the same patch once',
      hold: (harness) => repeats(harness, ground),
    },
  ];
}

function times({ share }: Ground, usual: number, full: number): { numRuns: number } {
  return runs(Math.ceil(usual * share), Math.ceil(full * share));
}

async function readsAsWritten(harness: Harness, ground: Ground, field: Field): Promise<void> {
  const { leeway, subject } = ground;
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(twoMembers(subject.vendor, field), async ([earlier, later]) => {
      harness.reset();
      await harness.patch(patchOf([earlier]));
      const before = contentOf(await harness.read());
      const answer = await harness.patch(patchOf([later]));
      if (!wasTaken(answer, leeway)) {
        expect(contentOf(await harness.read())).toEqual(before);
        return;
      }
      const shown = await harness.read();
      const after = contentOf(shown);
      expect(contentOf(answer)).toEqual(after);
      expect(answer.headers.get('etag')).toBe(shown.headers.get('etag'));
      if (!isExact(later)) return;
      taken += 1;
      expectSame(placeOf(later, after), expectedAfter(later, before));
    }),
    { ...times(ground, 60, 600), examples: clearedExamples(field) },
  );
  expect(taken).toBeGreaterThan(10 * ground.share);
}

async function readBackChangesNothing(harness: Harness, ground: Ground): Promise<void> {
  const { exact, leeway, readable, subject } = ground;
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(membersOf(subject.vendor, readable), async (members) => {
      harness.reset();
      await harness.patch(patchOf(members));
      const before = harness.stored();
      const content = contentOf(await harness.read());
      const answer = await harness.patch(readBackPatch(content, exact));
      if (wasTaken(answer, leeway)) taken += 1;
      expect(changedMembers(before, harness.stored())).toEqual([]);
    }),
    times(ground, 25, 250),
  );
  expect(taken).toBeGreaterThan(12 * ground.share);
}

async function changesNothingElse(harness: Harness, ground: Ground, field: Field): Promise<void> {
  const { fields, leeway, subject } = ground;
  const allowed = new Set(wireNamesOf(field, fields));
  const deviations = DEVIATIONS.filter(
    ({ law, pointer, subject: title }) =>
      law === 3 && title === subject.title && pointer === field.pointer,
  );
  const seen = new Set<string>();
  let changed = 0;
  await fc.assert(
    fc.asyncProperty(memberOf(subject.vendor, field), async (member) => {
      harness.reset();
      const before = harness.stored();
      const taken = wasTaken(await harness.patch(patchOf([member])), leeway);
      const after = harness.stored();
      const names = changedMembers(before, after);
      for (const name of names) seen.add(name);
      if (!taken) expect(names).toEqual([]);
      expectOneKey(member, before, after);
      if (names.length > 0) changed += 1;
    }),
    times(ground, 25, 250),
  );
  expect(changed).toBeGreaterThan(0);
  const departed = [...seen].filter((name) => !allowed.has(name));
  expect(departed.toSorted()).toEqual(deviations.map(({ member }) => member).toSorted());
}

async function composes(harness: Harness, ground: Ground): Promise<void> {
  const { leeway, readable, subject } = ground;
  const patch = membersOf(subject.vendor, readable).map(patchOf);
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(patch, patch, async (first, second) => {
      fc.pre(!isBroken(first, second));
      harness.reset();
      if (!wasTaken(await harness.patch(first), leeway)) return;
      if (!wasTaken(await harness.patch(second), leeway)) return;
      const twice = untimed(contentOf(await harness.read()));
      harness.reset();
      expect(wasTaken(await harness.patch(composed(first, second)), leeway)).toBe(true);
      expectSame(untimed(contentOf(await harness.read())), twice);
      compared += 1;
    }),
    times(ground, 40, 400),
  );
  expect(compared).toBeGreaterThan(0);
}

async function repeats(harness: Harness, ground: Ground): Promise<void> {
  const { leeway, readable, subject } = ground;
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(membersOf(subject.vendor, readable).map(patchOf), async (patch) => {
      harness.reset();
      if (!wasTaken(await harness.patch(patch), leeway)) return;
      const once = harness.stored();
      expect(wasTaken(await harness.patch(patch), leeway)).toBe(true);
      expect(changedMembers(once, harness.stored())).toEqual([]);
      taken += 1;
    }),
    times(ground, 25, 250),
  );
  expect(taken).toBeGreaterThan(0);
}

/** Two values of one field; of a map, mostly of one key. */
function twoMembers(vendor: string, field: Field): fc.Arbitrary<readonly [Member, Member]> {
  const member = memberOf(vendor, field);
  const sameKey = fc.constantFrom(true, true, false);
  return fc.tuple(member, member, sameKey).map(([earlier, later, isSame]) => {
    if (!isSame || earlier.key === undefined) return [earlier, later];
    return [earlier, { ...later, key: earlier.key }];
  });
}

/** Values that look like nothing, and then are cleared. */
function clearedExamples(field: Field): [readonly [Member, Member]][] {
  if (field.map === undefined) return [];
  const nothings: Json[] = [{}, [], '', 0, false, { a: null }];
  return nothings.map((value) => [
    [
      { field, key: 'remarks', value },
      { field, key: 'remarks', value: null },
    ],
  ]);
}

/** The patch that writes what a profile shows of `fields`. */
function readBackPatch(content: JsonObject, fields: Harness['connection']['fields']): JsonObject {
  const members = fields.flatMap((field): Member[] => {
    const value = placeOf({ field, value: null }, content);
    if (value === undefined) return [];
    if (field.map === undefined || !isObject(value)) return [{ field, value }];
    const entries = Object.entries(value).map(([key, item]) => ({ field, key, value: item }));
    return entries.filter(isExact);
  });
  return patchOf(members);
}

/** Of a map only the key that was written may change. */
function expectOneKey({ field, key }: Member, before: JsonObject, after: JsonObject): void {
  if (key === undefined) return;
  const [was, is] = [own(before, field.wireName), own(after, field.wireName)];
  if (isObject(was) && isObject(is)) {
    expect([[], [key]]).toContainEqual(changedMembers(was, is));
  }
}
