import fc from 'fast-check';
import type { Unkindness } from '../../adapters/sandbox-kit/unkind.ts';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import type { Case, Hit, Outside, Step } from './cases.ts';
import { ANSWERS, FAULTS, type Fault, faultNamed, LATE_FAULTS, QUEUED_FAULTS } from './faults.ts';
import type { Subject } from './subject.ts';
import { SUBJECTS } from './subjects.ts';

const OLD_COPY = faultNamed('old copy');
/** A write has these for answers, or none; a request that passes whole is one of them. */
const ON_WRITES = [...FAULTS, ...LATE_FAULTS, ...ANSWERS].filter((fault) => fault !== OLD_COPY);
const ON_READS = FAULTS.filter((fault) => fault.anyRequest);
/** Writes that end without a usable answer, after which the others of a sequence begin to matter. */
const UNANSWERED = ON_WRITES.filter(({ name }) =>
  /^(?:hang|reset|50\d) (?:before|after)$|late|HTML|truncated|303/.test(name),
);

const hitOf = (step: Step, faults: readonly Fault[]): fc.Arbitrary<Hit> =>
  fc.record({
    fault: fc.constantFrom(...faults),
    step: fc.constant(step),
    times: fc.constantFrom(1, 1, 1, 2, 9),
  });

const once = (step: Step, faults: readonly Fault[]): fc.Arbitrary<Hit> =>
  hitOf(step, faults).map((hit) => ({ ...hit, times: 1 }));

/** What befalls an exchange: a write without an answer, the read-back, the second send. */
function resendHits(steps: readonly Step[], queued: readonly Fault[]): fc.Arbitrary<Hit[]> {
  const writes = [...ON_WRITES, ...queued];
  return fc
    .tuple(fc.constantFrom(...steps), fc.boolean())
    .chain(([step, isReadMet]) =>
      fc.tuple(
        once(step, UNANSWERED),
        isReadMet ? hitOf('read-back', ON_READS) : once('read-back', [faultNamed('none')]),
        hitOf(step, writes),
      ),
    );
}

/** Any faults at any steps, in any order. */
function anyHits(steps: readonly Step[], queued: readonly Fault[]): fc.Arbitrary<Hit[]> {
  const writes = [...ON_WRITES, ...queued];
  const hits = steps.map((step) =>
    hitOf(step, step === 'write' || step === 'second write' ? writes : ON_READS),
  );
  return fc.array(fc.oneof(...hits), { minLength: 1, maxLength: 4 });
}

/** A write without an answer, and a read-back that shows an old copy of the profile. */
const lagHits: fc.Arbitrary<Hit[]> = fc.tuple(
  once('write', UNANSWERED),
  hitOf('read-back', [OLD_COPY]).map((hit) => ({ ...hit, times: Math.min(hit.times, 2) })),
  once('write', ON_WRITES),
);

const outside: fc.Arbitrary<Outside> = fc.record({
  step: fc.constantFrom('read-back' as const, 'write' as const, 'second write' as const),
  what: fc.constantFrom(
    'the same members' as const,
    'the intended values' as const,
    'another member' as const,
  ),
});

type Drawn = Omit<Case, 'number'>;

type Options = {
  /** What patches have beside the members that fit. */
  readonly extras?: fc.Arbitrary<JsonObject>;
  readonly unkind?: fc.Arbitrary<readonly Unkindness[]>;
};

/** Sequences of faults at `subject`. */
export function sequencesOf(
  subject: Subject,
  { extras = fc.constant({}), unkind = fc.constant([]) }: Options = {},
): fc.Arbitrary<Drawn> {
  const { patches, seeds, twoStepPatches } = subject;
  const queued = subject.vendor === 'senlin' ? QUEUED_FAULTS : [];
  const draw = (isTwoSteps: boolean): fc.Arbitrary<Drawn> => {
    const writes: Step[] = isTwoSteps ? ['write', 'second write'] : ['write'];
    const tokens: Step[] = subject.usesTokens ? ['token', 'second token'] : [];
    const all: Step[] = [...writes, ...writes, 'read-back', 'read-back', 'read', ...tokens];
    return fc.record({
      subject: fc.constant(subject),
      label: fc.constant('sequence'),
      hits: fc.oneof(
        { weight: 5, arbitrary: resendHits(writes, queued) },
        { weight: 3, arbitrary: anyHits(all, queued) },
        { weight: 1, arbitrary: lagHits },
      ),
      outside: fc.option(outside, { nil: undefined, freq: 2 }),
      ifMatch: fc.constantFrom(undefined, undefined, '*' as const, 'tag' as const),
      prefer: fc.constantFrom(undefined, 'handling=lenient' as const),
      patch: fc
        .tuple((isTwoSteps ? twoStepPatches : undefined) ?? patches, extras)
        .map(([patch, more]) => merged(patch, more)),
      secondPatch: patches,
      unkind,
      seed: fc.constantFrom(...seeds),
      twoSteps: fc.constant(isTwoSteps),
      skewMs: fc.constant(0),
      frontSkewMs: fc.constant(0),
      mustBeKnown: fc.constant(false),
    });
  };
  const drawn = twoStepPatches === undefined ? draw(false) : fc.oneof(draw(false), draw(true));
  return drawn.filter((one) => !isHidden(one));
}

/**
 * What no client can tell: that another writer changed what an old copy of the profile shows, that
 * such a copy is read after a write that was answered (an answer without a body cannot be
 * truncated), and that a write was applied whose second delivery is refused with 401.
 */
function isHidden({ hits, outside, patch, subject }: Drawn): boolean {
  if (hits.some(({ fault }) => fault === OLD_COPY)) {
    const isWhole = subject.name === 'iam (otc)' && 'status' in patch;
    const isAnswered = isWhole && hits.some(({ fault }) => fault.name === 'truncated JSON');
    return outside !== undefined || isAnswered;
  }
  const isRepeated = hits.some(({ fault }) => fault.isRepeated === true);
  const isAlone = hits.length === 1 && hits[0]?.times === 1;
  return isRepeated && subject.writesEndToken === true && !isAlone;
}

/** `more` beside `patch`, whose own members stay. */
function merged(patch: JsonObject, more: JsonObject): JsonObject {
  const both = (name: string): JsonObject => {
    const [own, other] = [patch[name], more[name]];
    const isMap = (value: unknown) => typeof value === 'object' && value !== null;
    return isMap(own) && isMap(other)
      ? { [name]: merged(own as JsonObject, other as JsonObject) }
      : {};
  };
  return Object.assign({}, more, patch, both('attributes'), both('extensions'), both('nerm'));
}

/** `count` sequences of all vendors in turn, drawn from `seed`. */
export function sequenceCases(count: number, seed: number): Case[] {
  const each = Math.ceil(count / SUBJECTS.length);
  const drawn = SUBJECTS.map((subject) => fc.sample(sequencesOf(subject), { seed, numRuns: each }));
  return Array.from({ length: count }, (_, number): Case => {
    const one = drawn[number % SUBJECTS.length]?.[Math.floor(number / SUBJECTS.length)];
    if (one === undefined) throw new Error('too few sequences were drawn');
    return { ...one, number };
  });
}
