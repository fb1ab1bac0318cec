import { expect, test } from 'vitest';
import { faultNamed } from './faults.ts';
import { judgeRun } from './judge.ts';
import { runCase } from './run-case.ts';
import { SUBJECTS } from './subjects.ts';
import { memoryWire } from './wire.ts';

test('a write whose second delivery meets a token that the first has ended is not rejected', async () => {
  const subject = SUBJECTS.find(({ name }) => name === 'iam (otc)');
  const fault = faultNamed('delivered twice, second answer');
  if (subject === undefined) throw new Error('there is no such case');
  const given = {
    ...{ subject, label: 'sequence', number: 0, twoSteps: true, mustBeKnown: false },
    hits: [{ step: 'write', fault, times: 1 }],
    patch: { name: 'eu-de_a', status: 'active' },
    secondPatch: { name: 'eu-de_before' },
    seed: { name: 'eu-de_before', description: 'as it was' },
    // The name that the vendor stores is none that it accepts: the repeat is refused.
    unkind: ['computed'],
    skewMs: 0,
    frontSkewMs: 0,
  } as const;
  const run = await runCase(given, memoryWire());
  expect(judgeRun(given, run).wrong).toEqual([]);
  expect(run.told[0]?.body).toMatchObject({
    outcome: 'unknown',
    reason: 'conflicting_value',
    sent: ['/name'],
    notApplied: ['/status'],
    upstream: { status: 400 },
  });
});
