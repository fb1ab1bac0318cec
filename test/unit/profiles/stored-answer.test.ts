import { expect, test } from 'vitest';
import { SEALED_ANSWER_BYTES_MAX } from '../../../src/limits.ts';
import { openAnswer, sealAnswer } from '../../../src/profiles/idempotency/stored-answer.ts';
import type { PatchAnswer } from '../../../src/profiles/patch-answer.ts';
import type { KeyedRequest } from '../../../src/profiles/patch-request.ts';
import type { Exchange } from '../../../src/upstream/exchange.ts';
import { createSealer, type Sealer } from '../../../src/writes/sealed-answer.ts';

const key = { caller: '', id: 'acme:1', keyHash: 'k', fingerprint: 'f' };
const exchange = { target: { name: 'acme' } } as Exchange;

/** A request whose answers have bodies of these lengths, with and without the profile. */
function keyedWith(long: number, short: number, sealer: Sealer = createSealer('secret', key)) {
  const keyed: KeyedRequest = {
    key,
    sealer,
    render: (_, target, isShort) => ({
      status: 200,
      headers: { 'X-Write-Id': target },
      body: (isShort ? 's' : 'l').repeat(isShort ? short : long),
      outcome: 'applied',
    }),
  };
  return keyed;
}

const seal = (keyed: KeyedRequest) => sealAnswer(keyed, {} as PatchAnswer, exchange);

test('an answer opens as it was sealed', async () => {
  const keyed = keyedWith(3, 2);
  expect(await openAnswer(keyed, await seal(keyed))).toEqual({
    form: 1,
    status: 200,
    headers: { 'X-Write-Id': 'acme' },
    body: 'lll',
    outcome: 'applied',
  });
});

test('one that is too large is sealed without its profile', async () => {
  const keyed = keyedWith(SEALED_ANSWER_BYTES_MAX, 2);
  expect(await openAnswer(keyed, await seal(keyed))).toMatchObject({ body: 'ss' });
});

test('one that is too large without it, or cannot be sealed, is stored empty', async () => {
  expect(await seal(keyedWith(SEALED_ANSWER_BYTES_MAX, SEALED_ANSWER_BYTES_MAX))).toBe('');
  const broken: Sealer = { seal: () => Promise.reject(new Error('broken')), open: async () => '' };
  expect(await seal(keyedWith(1, 1, broken))).toBe('');
});

test.each([
  '',
  'no JSON',
  '{}',
  '{"form":2,"status":200,"headers":{},"body":"","outcome":"applied"}',
])('what another version has sealed does not open: %s', async (text) => {
  const keyed = keyedWith(1, 1);
  expect(await openAnswer(keyed, await keyed.sealer.seal(text))).toBeUndefined();
  expect(await openAnswer(keyed, '')).toBeUndefined();
});
