import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/adapter-kit/index.ts';
import { PATCH_MEMBERS_MAX } from '../../../src/limits.ts';
import type { Send } from '../../../src/ports.ts';
import { createBench } from '../../conformance/bench.ts';

const ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
/** As many as a patch may have beside `attributes`, and an eighth of them. */
const MANY = PATCH_MEMBERS_MAX - 8;
const SOME = MANY / 8;
const RUNS = 3;
/** Time that grows with the square of the changes would be 64 times as long. */
const GROWTH_MAX = 30;

type Shown = 'as written' | 'otherwise' | 'not at all';

const attributes = (count: number, value: string): JsonObject =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, value]));

/** Milliseconds that a patch of so many attributes takes at best, and how it ended. */
async function timed(count: number, shown: Shown): Promise<{ ms: number; end: Json | undefined }> {
  const stored = {
    'as written': attributes(count, 'a'),
    otherwise: attributes(count, 'b'),
    'not at all': {},
  }[shown];
  const profile = { id: ID, name: 'Robin Doe', attributes: stored };
  const send: Send = async () => ({ status: 200, headers: {}, body: JSON.stringify({ profile }) });
  const settings = {
    baseUrl: 'https://vendor.test/api',
    auth: { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' },
  };
  const { ask } = await createBench({ vendor: 'nerm', settings, send });
  const patch = JSON.stringify({ attributes: attributes(count, 'a') });
  let ms = Number.POSITIVE_INFINITY;
  let end: Json | undefined;
  for (let run = 0; run < RUNS; run += 1) {
    const startMs = performance.now();
    const { body } = await ask({ id: ID, patch });
    ms = Math.min(ms, performance.now() - startMs);
    end = body.code ?? (body.write as JsonObject).outcome;
  }
  return { ms, end };
}

test.each<[shown: Shown, end: string]>([
  ['as written', 'applied'],
  ['otherwise', 'outcome_unknown'],
  ['not at all', 'applied'],
])('the time for a patch grows with its changes where they are shown %s', async (shown, end) => {
  await timed(SOME, shown);
  const some = await timed(SOME, shown);
  const many = await timed(MANY, shown);
  expect(many.end).toBe(end);
  expect(many.ms / some.ms).toBeLessThan(GROWTH_MAX);
});
