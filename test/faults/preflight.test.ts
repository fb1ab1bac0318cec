import { expect, test } from 'vitest';
import type { Case } from './cases.ts';
import { judgeRun } from './judge.ts';
import { runCase } from './run-case.ts';
import { iamOtc } from './subjects-keystone.ts';
import { memoryWire } from './wire.ts';

/** Names of projects begin with the region of the project: the name does not fit this one. */
const patch = { name: 'eu-nl_after', description: 'after' };

async function ended(prefer?: Case['prefer']) {
  const given: Case = {
    subject: iamOtc,
    label: 'preflight',
    number: 0,
    hits: [],
    patch,
    secondPatch: patch,
    seed: iamOtc.seeds[0],
    twoSteps: false,
    skewMs: 0,
    frontSkewMs: 0,
    mustBeKnown: false,
    prefer,
  };
  const run = await runCase(given, memoryWire());
  expect(judgeRun(given, run)).toMatchObject({ wrong: [], double: 0 });
  return { body: run.told[0]?.body, sent: run.sent.map((line) => line.split(':')[0]) };
}

test('what the profile as it is rules out is rejected before anything is sent', async () => {
  const { body, sent } = await ended();
  expect(sent).not.toContain('write');
  expect(body).toMatchObject({
    code: 'unsupported_patch',
    outcome: 'rejected',
    notApplied: ['/name', '/description'],
    errors: [{ pointer: '/name' }],
  });
});

test('what the profile as it is rules out is dropped by lenient handling', async () => {
  const { body, sent } = await ended('handling=lenient');
  expect(sent).toContain('write');
  expect(body).toMatchObject({
    write: {
      outcome: 'applied',
      losses: [{ pointer: '/name', kind: 'dropped' }],
      unconfirmed: [],
    },
  });
});
