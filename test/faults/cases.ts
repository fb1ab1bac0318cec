import fc from 'fast-check';
import type { Unkindness } from '../../adapters/sandbox-kit/unkind.ts';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { FAULTS, type Fault, faultNamed, LATE_FAULTS, QUEUED_FAULTS } from './faults.ts';
import type { Subject } from './subject.ts';
import { SUBJECTS } from './subjects.ts';

/** The requests of one exchange, by what they are for. */
export type Step = 'token' | 'read' | 'write' | 'second write' | 'read-back' | 'second token';

/** `fault` meets the first `times` requests of `step`. */
export type Hit = { readonly fault: Fault; readonly step: Step; readonly times: number };

/** Another client of the vendor writes when the request of `step` arrives. */
export type Outside = {
  readonly step: Step;
  readonly what: 'the same members' | 'the intended values' | 'another member';
};

/** One way an exchange goes wrong, without the patch. */
export type Plan = {
  readonly subject: Subject;
  /** Row of the table. */
  readonly label: string;
  readonly hits: readonly Hit[];
  readonly outside?: Outside | undefined;
  readonly twoSteps: boolean;
  /** Vendor's clock against ours; its front end's against its own. */
  readonly skewMs: number;
  readonly frontSkewMs: number;
  /** Whether an end without knowledge is to be rare: one failure, readable, nobody else. */
  readonly mustBeKnown: boolean;
};

export type Case = Plan & {
  readonly number: number;
  readonly patch: JsonObject;
  /** The condition of the first caller: any profile, or the one that was there before. */
  readonly ifMatch?: '*' | 'tag' | undefined;
  readonly prefer?: 'handling=lenient' | undefined;
  /** How the vendor stores texts and answers writes, where that is not as it is documented. */
  readonly unkind?: readonly Unkindness[] | undefined;
  readonly seed: JsonObject;
  /** What the second caller writes, after a late delivery was set up. */
  readonly secondPatch: JsonObject;
};

/** Write faults after which the gateway reads back. */
const UNANSWERED = [
  'hang before',
  'hang after',
  'reset before',
  'reset after',
  '502 before',
  '502 after',
];
/** Write faults in which a vendor reports success and stores nothing. */
const IGNORED = ['empty 200, before', '200 that ignored the write'];
const OFTEN = 9;

const hit = (name: string, step: Step, times = 1): Hit => ({
  fault: faultNamed(name),
  step,
  times,
});

/** Every plan there is; the order is by subject. */
export function plans(): Plan[] {
  return SUBJECTS.flatMap((subject) => [
    ...writePlans(subject),
    ...readPlans(subject),
    ...latePlans(subject),
    ...outsidePlans(subject),
    ...clockPlans(subject),
  ]);
}

function planOf(
  subject: Subject,
  label: string,
  hits: readonly Hit[],
  more: Partial<Plan> = {},
): Plan {
  const base = { twoSteps: false, skewMs: 0, frontSkewMs: 0, mustBeKnown: false };
  const isQueued = hits.some(({ fault }) => subject.queuedBehind?.test(fault.name));
  const plan = { ...base, subject, label, hits, ...more };
  return isQueued ? { ...plan, mustBeKnown: false } : plan;
}

function writePlans(subject: Subject): Plan[] {
  return FAULTS.flatMap((fault): Plan[] => {
    const once = planOf(subject, fault.name, [{ fault, step: 'write', times: 1 }], {
      mustBeKnown: true,
    });
    const twoSteps =
      subject.twoStepPatches === undefined
        ? []
        : (['write', 'second write'] as const).map((step) => ({
            ...once,
            twoSteps: true,
            hits: [{ fault, step, times: 1 }],
          }));
    const often =
      fault.name === 'none' || fault.name.startsWith('delivered twice')
        ? []
        : [2, OFTEN].map((times) =>
            planOf(subject, `${fault.name}, ${times === 2 ? 'twice' : 'always'}`, [
              { fault, step: 'write', times },
            ]),
          );
    return [once, ...twoSteps, ...often];
  }).concat(
    subject.vendor === 'senlin'
      ? QUEUED_FAULTS.map((fault) =>
          planOf(subject, fault.name, [{ fault, step: 'write', times: 1 }]),
        )
      : [],
  );
}

function readPlans(subject: Subject): Plan[] {
  return FAULTS.filter((fault) => fault.anyRequest && fault.name !== 'none').flatMap(
    (fault, i): Plan[] => {
      const unanswered = UNANSWERED[i % UNANSWERED.length] ?? '';
      const steps: Step[] = subject.usesTokens ? ['token', 'read'] : ['read'];
      return [
        ...steps.flatMap((step) =>
          [1, OFTEN].map((times) =>
            planOf(subject, `${step}: ${fault.name}`, [{ fault, step, times }]),
          ),
        ),
        ...[1, OFTEN].map((times) =>
          planOf(
            subject,
            `read-back: ${fault.name}${times === 1 ? '' : ', always'}`,
            [hit(unanswered, 'write'), { fault, step: 'read-back', times }],
            // A refused key is not tried again, so that is as good as a profile without a read.
            { mustBeKnown: times === 1 && fault.name !== 'expired token' },
          ),
        ),
        ...(subject.twoStepPatches !== undefined && subject.usesTokens
          ? [
              planOf(
                subject,
                `second token: ${fault.name}`,
                [{ fault, step: 'second token', times: 1 }],
                { twoSteps: true },
              ),
            ]
          : []),
      ];
    },
  );
}

function latePlans(subject: Subject): Plan[] {
  return LATE_FAULTS.flatMap((fault) => {
    const plan = planOf(subject, fault.name, [{ fault, step: 'write', times: 1 }]);
    const noReadBack = { ...plan, hits: [...plan.hits, hit('hang before', 'read-back', OFTEN)] };
    return [
      plan,
      noReadBack,
      ...(subject.twoStepPatches === undefined ? [] : [{ ...plan, twoSteps: true }]),
    ];
  });
}

function outsidePlans(subject: Subject): Plan[] {
  const whats = ['the same members', 'the intended values', 'another member'] as const;
  return whats.flatMap((what) => [
    ...UNANSWERED.map((name) =>
      planOf(subject, `outside writer of ${what} before the read-back`, [hit(name, 'write')], {
        outside: { step: 'read-back', what },
      }),
    ),
    ...['none', 'hang after', 'HTML with 200, before'].map((name) =>
      planOf(subject, `outside writer of ${what} before the write`, [hit(name, 'write')], {
        outside: { step: 'write', what },
      }),
    ),
    ...['none', 'reset after'].map((name) =>
      planOf(subject, `outside writer of ${what} after a write`, [hit(name, 'write')], {
        outside: {
          step: subject.twoStepPatches === undefined ? 'read-back' : 'second write',
          what,
        },
        twoSteps: subject.twoStepPatches !== undefined,
      }),
    ),
  ]);
}

const MINUTE_MS = 60_000;

function clockPlans(subject: Subject): Plan[] {
  const skews = subject.usesTokens ? [-26 * 60, -70, -4, 4, 70, 26 * 60] : [-4, 4];
  return [...UNANSWERED, 'none'].flatMap((name) => [
    ...skews.map((minutes) =>
      planOf(subject, 'clock skew', [hit(name, 'write')], {
        skewMs: minutes * MINUTE_MS,
        mustBeKnown: true,
      }),
    ),
    ...[-10_000, 10_000].map((frontSkewMs) =>
      planOf(subject, 'front end with another clock', [hit(name, 'write')], {
        frontSkewMs,
        mustBeKnown: true,
      }),
    ),
  ]);
}

/** `count` cases: each plan in turn, with patches drawn from `seed`. */
export function casesOf(count: number, seed: number): Case[] {
  const all = plans();
  const choices = fc.sample(fc.nat(), { seed, numRuns: count });
  const patches = new Map<string, JsonObject[]>();
  const drawn = (key: string, arbitrary: fc.Arbitrary<JsonObject>, at: number): JsonObject => {
    const known = patches.get(key) ?? fc.sample(arbitrary, { seed, numRuns: count });
    patches.set(key, known);
    return known[at] ?? {};
  };
  return Array.from({ length: count }, (_, number): Case => {
    // Plans that are next to each other have much in common, so a short run leaps over them.
    const plan = all[(number * LEAP) % all.length];
    if (plan === undefined) throw new Error('there is no plan');
    const { subject } = plan;
    const { seeds, patches: single, twoStepPatches } = subject;
    const two = plan.twoSteps && twoStepPatches !== undefined;
    const patch = two
      ? drawn(`${subject.name} two`, twoStepPatches, number)
      : drawn(subject.name, single, number);
    return {
      ...plan,
      number,
      patch,
      mustBeKnown: plan.mustBeKnown && !isHiddenByOtherWrite(plan, patch),
      secondPatch: drawn(`${subject.name} second`, single, count - 1 - number),
      seed: seeds[(choices[number] ?? 0) % seeds.length] ?? seeds[0],
    };
  });
}

/**
 * Whether one of two writes stores nothing, and the other moves the profile: its times then no
 * longer show that nothing was stored, and no read came before.
 */
function isHiddenByOtherWrite({ hits, subject }: Plan, patch: JsonObject): boolean {
  if (subject.twoStepPatches === undefined || !Object.hasOwn(patch, 'status')) return false;
  const isIgnored = hits.some(({ fault }) => IGNORED.includes(fault.name));
  return isIgnored && Object.keys(patch).length > 1;
}

/** Prime to any number of plans. */
const LEAP = 1_000_003;
