import fc from 'fast-check';
import { SEEDED_TYPE_IDS } from '../../../adapters/nerm/sandbox/seeds.ts';
import type { Unkindness } from '../../../adapters/sandbox-kit/unkind.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { FOLDERS, NEW_PROFILES } from '../../integration/create/stage.ts';
import { CREATE_FAULTS, type CreateFault } from './create-faults.ts';

/** Another client of the vendor has a profile of the same name. */
export type Other = 'none' | 'an equal one before' | 'another one before' | 'another one meanwhile';

export type CreateCase = {
  readonly number: number;
  readonly target: string;
  readonly fault: CreateFault;
  /** Searches that fail: the one before the create, and so many after it. */
  readonly failsBefore: boolean;
  readonly failsAfter: number;
  readonly other: Other;
  /** The caller repeats the request at once, while the first may be open. */
  readonly repeatsAtOnce: boolean;
  readonly body: JsonObject;
};

/** Ways in which vendors are harder to work with; a stage has one of them. */
export const MODES: readonly (readonly Unkindness[])[] = [
  [],
  ['twins'],
  ['late_reads'],
  ['trimmed'],
];

const word = fc
  .array(fc.constantFrom(...'abcdefghij'), { minLength: 3, maxLength: 6 })
  .map((letters) => letters.join(''));

const description = fc.option(word, { nil: undefined });

/** Members beside those that each vendor requires. */
const MORE: Readonly<Record<string, fc.Arbitrary<JsonObject>>> = {
  'senlin-demo': fc
    .option(fc.dictionary(word, fc.oneof(word, fc.integer(), fc.constant(null))), {
      nil: undefined,
    })
    .map((attributes) => (attributes === undefined ? {} : { attributes })),
  'nerm-demo': fc.oneof(
    fc.constant({}),
    fc
      .record({ cost_centre: word, nickname: word })
      .map((attributes): JsonObject => ({ attributes })),
    // Its type computes the name from these.
    fc.record({ first_name: word, last_name: word }).map(
      (attributes): JsonObject => ({
        attributes,
        extensions: { nerm: { profile_type_id: SEEDED_TYPE_IDS.computedName } },
      }),
    ),
  ),
  'iam-demo': description.map((text) => (text === undefined ? {} : { description: text })),
  keystone: description.map((text) => (text === undefined ? {} : { description: text })),
  'naver-demo': fc.record({
    status: fc.constantFrom('active', 'inactive'),
    extensions: fc.constantFrom<JsonObject>({}, { naver: { durationSeconds: 7200 } }),
  }),
};

const TARGETS = Object.keys(FOLDERS);

/** `count` cases drawn from `seed`: each fault at each target in turn, the rest by chance. */
export function createCases(count: number, seed: number): CreateCase[] {
  const chance = fc.record({
    failsBefore: fc.constantFrom(false, false, false, false, false, false, false, true),
    failsAfter: fc.constantFrom(0, 0, 0, 0, 1, 2, 4, Number.POSITIVE_INFINITY),
    other: fc.constantFrom<Other>(
      'none',
      'none',
      'none',
      'none',
      'an equal one before',
      'another one before',
      'another one meanwhile',
    ),
    repeatsAtOnce: fc.boolean(),
  });
  const chances = fc.sample(chance, { seed, numRuns: count });
  const bodies = new Map(
    TARGETS.map((target) => [
      target,
      fc.sample(MORE[target] ?? fc.constant({}), { seed, numRuns: count }),
    ]),
  );
  return Array.from({ length: count }, (_, number): CreateCase => {
    const target = TARGETS[number % TARGETS.length] ?? '';
    const fault = CREATE_FAULTS[Math.floor(number / TARGETS.length) % CREATE_FAULTS.length];
    const drawn = chances[number];
    if (fault === undefined || drawn === undefined) throw new Error('there is no case');
    const region = target === 'iam-demo' ? 'eu-de_' : '';
    const name = `${region}case-${number}`;
    const body = { target, ...NEW_PROFILES[target], ...bodies.get(target)?.[number], name };
    return { number, target, fault, ...drawn, body };
  });
}
