import { describe, expect, test } from 'vitest';
import { type JsonObject, ownObject } from '../../src/adapter-kit/index.ts';
import type { Case, Hit } from './cases.ts';
import { faultNamed } from './faults.ts';
import { judgeRun } from './judge.ts';
import { openProxy } from './proxy.ts';
import { type Run, runCase } from './run-case.ts';
import type { Subject } from './subject.ts';
import { nerm, SUBJECTS } from './subjects.ts';
import { socketWire } from './wire.ts';

/** Patches that need no read first, but for the vendors that always read. */
const PATCHES = {
  senlin: { name: 'after', attributes: { owner: 'blue' } },
  nerm: { status: 'inactive', attributes: { nickname: 'after' } },
  'iam (otc)': { name: 'eu-de_after', description: 'after' },
  'iam (keystone)': { name: 'eu-de_after', description: 'after' },
  naver: { name: 'after', extensions: { naver: { durationSeconds: 1234 } } },
};

const subjects = SUBJECTS.map((subject) => [subject.name, subject] as const);

type Faults = readonly (readonly [fault: string, step: Hit['step'], times?: number])[];

/** Runs one case, in which nothing that is claimed may be wrong. */
async function runOf(
  subject: Subject,
  patch: JsonObject,
  faults: Faults,
  more: Partial<Case> = {},
): Promise<Run> {
  const given: Case = {
    subject,
    label: 'outcome',
    number: 0,
    hits: faults.map(([fault, step, times = 1]) => ({ fault: faultNamed(fault), step, times })),
    patch,
    secondPatch: patch,
    seed: subject.seeds[0],
    twoSteps: false,
    skewMs: 0,
    frontSkewMs: 0,
    mustBeKnown: false,
    ...more,
  };
  const proxy = await openProxy();
  const ended = await runCase(given, socketWire(proxy));
  await proxy.close();
  expect(judgeRun(given, ended)).toMatchObject({ wrong: [], double: 0 });
  return ended;
}

const writes = ({ sent }: Run): string[] => sent.filter((line) => line.startsWith('write:'));
const reportOf = ({ told }: Run) => ownObject(told[0]?.body, 'write');

/** Subjects whose vendor queues writes, so that none is sent twice. */
const QUEUEING: ReadonlySet<string> = new Set(['senlin']);

describe.concurrent.each(subjects)('a write to %s', (name, subject) => {
  const run = (...faults: Faults): Promise<Run> =>
    runOf(subject, PATCHES[name as keyof typeof PATCHES], faults);

  test('that was applied and not answered ends as applied, by a read-back', async () => {
    const ended = await run(['hang after', 'write']);
    expect(reportOf(ended)).toMatchObject({
      outcome: 'applied',
      evidence: 'read_back',
      unconfirmed: [],
    });
    expect(writes(ended)).toHaveLength(1);
    expect(ended.journal).toHaveLength(1);
  });

  test('that was surely not applied is sent again, as a new plan, and applied once', async () => {
    const ended = await run(['hang before', 'write']);
    if (QUEUEING.has(name)) {
      expect(ended.told[0]?.body).toMatchObject({ outcome: 'unknown', reason: 'queued' });
      expect(writes(ended)).toHaveLength(1);
      return;
    }
    expect(reportOf(ended)).toMatchObject({ outcome: 'applied', unconfirmed: [] });
    const steps = ended.sent.map((line) => line.split(':')[0]).filter((step) => step !== 'token');
    expect(steps.slice(steps.indexOf('write'), steps.lastIndexOf('write') + 1)).toEqual([
      'write',
      'read-back',
      'read-back',
      'write',
    ]);
    expect(ended.journal).toHaveLength(1);
  });

  test.each([
    ['hang after', 1],
    ['hang before', 0],
  ])('that cannot be read back is unknown and not sent again: %s', async (fault, effects) => {
    const ended = await run([fault, 'write'], ['hang before', 'read-back', 9]);
    expect(ended.told[0]).toMatchObject({
      status: 504,
      body: {
        code: 'outcome_unknown',
        outcome: 'unknown',
        reason: QUEUEING.has(name) ? 'queued' : 'read_back_failed',
        applied: [],
        notApplied: [],
      },
    });
    expect(writes(ended)).toHaveLength(1);
    expect(ended.journal).toHaveLength(effects);
  });

  test('that never left is rejected, and sent again where a connection can be had', async () => {
    const never = await run(['connection refused', 'write', 9]);
    expect(never.told[0]).toMatchObject({
      status: 503,
      body: { code: 'target_unavailable', outcome: 'rejected' },
    });
    expect(never.journal).toHaveLength(0);
    const once = await run(['connection refused', 'write']);
    expect(reportOf(once)).toMatchObject({ outcome: 'applied', unconfirmed: [] });
    expect(once.journal).toHaveLength(1);
  });

  test('that fails twice is unknown', async () => {
    const ended = await run(['reset before', 'write', 2]);
    const [reason, sends] = QUEUEING.has(name) ? ['queued', 1] : ['retry_failed', 2];
    expect(ended.told[0]?.body).toMatchObject({ outcome: 'unknown', reason });
    expect(writes(ended)).toHaveLength(sends);
    expect(ended.journal).toHaveLength(0);
  });

  test('that a 2xx ignored is told as not stored', async () => {
    const ended = await run(['200 that ignored the write', 'write', 9]);
    expect(ended.told[0]?.body).toMatchObject({ outcome: 'rejected', code: 'not_stored' });
    expect(writes(ended)).toHaveLength(1);
  });

  test('that may still land keeps others away, for as long as it may', async () => {
    const ended = await run(['late, in the end', 'write'], ['hang before', 'read-back', 9]);
    const [first, second, third] = ended.told;
    expect(first?.body).toMatchObject({ outcome: 'unknown' });
    expect(second).toMatchObject({
      status: 503,
      body: { code: 'profile_in_doubt', outcome: 'rejected' },
    });
    const seconds = Number(second?.retryAfter);
    expect(seconds).toBeGreaterThan(25);
    expect(seconds).toBeLessThanOrEqual(90);
    // The late one has landed by now, so the same patch changes nothing, or is stored again.
    expect(third?.status).toBe(200);
    expect(ended.journal).toHaveLength(1);
  });
});

describe.concurrent('a write to nerm, which is not read first', () => {
  test('of values that already hold is not taken for landed', async () => {
    const ended = await runOf(nerm, { status: 'active' }, [['late, in the end', 'write']], {
      secondPatch: { status: 'terminated' },
    });
    expect(reportOf(ended)).toMatchObject({ outcome: 'applied', evidence: 'read_back' });
    expect(ended.told[1]?.body).toMatchObject({ code: 'profile_in_doubt' });
    expect(ended.told[2]?.status).toBe(200);
  });

  test('is not sent again on the word of a front end whose clock is ahead', async () => {
    const [plain, , , computed = plain] = nerm.seeds;
    const patch = { name: 'Another', status: 'inactive' };
    const more = { seed: computed, frontSkewMs: 10_000 };
    const ended = await runOf(nerm, patch, [['hang after', 'write']], more);
    expect(ended.told[0]?.body).toMatchObject({ outcome: 'unknown', reason: 'not_comparable' });
    expect(writes(ended)).toHaveLength(1);
  });
});
