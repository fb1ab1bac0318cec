import { expect, test } from 'vitest';
import { type KnownDifference, knownDifferences, problems } from './differences.ts';
import type { Replayed } from './replay.ts';
import { replaySandboxes } from './targets.ts';

test('the sandboxes answer the recorded requests as the real servers did', async () => {
  const replayed = await replaySandboxes();
  expect(replayed.length).toBeGreaterThan(250);
  expect(problems(replayed, knownDifferences(replayed))).toEqual([]);
}, 60_000);

const step: Replayed = {
  section: 'Senlin',
  title: 'name only',
  method: 'PATCH',
  path: '/v1/profiles/x',
  expectedStatus: 200,
  status: 200,
  body: '',
};
const listed: KnownDifference = {
  section: 'Senlin',
  title: 'name only',
  recorded: 200,
  sandbox: 404,
  reason: 'for this test',
};

test('a difference that is not listed is a problem, in status and in body', () => {
  expect(problems([step], [])).toEqual([]);
  expect(problems([{ ...step, status: 404 }], [])).toHaveLength(1);
  expect(problems([{ ...step, status: 404 }], [listed])).toEqual([]);
  expect(problems([{ ...step, status: 400 }], [listed])).toHaveLength(1);
  expect(problems([{ ...step, bodyDiffersAt: '/profile/name' }], [])).toHaveLength(1);
});

test('a listed difference that is none any more is a problem', () => {
  expect(problems([step], [listed])).toHaveLength(1);
  expect(problems([], [listed])).toHaveLength(1);
});

test('a success where the real server refused is a problem even when listed', () => {
  const kinder = { ...step, expectedStatus: 409, status: 200 };
  const kind = { ...listed, recorded: 409, sandbox: 200 };
  expect(problems([kinder], [kind])).toHaveLength(1);
});
