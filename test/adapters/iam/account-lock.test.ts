import { expect, test } from 'vitest';
import type { HttpResponse } from '../../../src/adapter-kit/index.ts';
import { codeOf, createBench } from '../../conformance/bench.ts';
import { answer, ID, otc } from './exchange.ts';

const LOCKED = answer(401, { error_code: 'IAM.0061', error_msg: 'The user is locked.' });

/** The gateway before a vendor whose answers to requests for tokens and to all others are given. */
async function gatewayBefore(toTokens: HttpResponse, toOthers: HttpResponse) {
  const bench = await createBench({
    vendor: 'iam',
    settings: otc,
    send: async ({ path }) => (path.includes('/auth/tokens') ? toTokens : toOthers),
  });
  const tokenRequests = () => bench.sent.filter(({ path }) => path.includes('/auth/tokens'));
  return { ...bench, tokenRequests };
}

const ISSUED: HttpResponse = {
  status: 201,
  headers: { 'x-subject-token': 'MII-token' },
  body: '{"token":{"expires_at":"2027-01-01T00:00:00Z"}}',
};

test.each([undefined, '{"name":"eu-de_x"}'])(
  'an account that is locked gets no further login, patch %s',
  async (patch) => {
    const { ask, clock, sent, tokenRequests } = await gatewayBefore(ISSUED, LOCKED);
    const question = patch === undefined ? { id: ID } : { id: ID, patch };

    expect(codeOf(await ask(question))).toBe('target_unauthorized');
    expect(tokenRequests()).toHaveLength(1);
    expect(sent).toHaveLength(2);

    // The credentials cool down, and then the same token is tried.
    expect(codeOf(await ask(question))).toBe('target_unauthorized');
    expect(sent).toHaveLength(2);
    clock.nowMs += 31_000;
    await ask(question);
    expect(sent).toHaveLength(3);
    expect(tokenRequests()).toHaveLength(1);
  },
);

test('any other 401 is a refusal of the token', async () => {
  const refused = answer(401, { error_code: 'APIGW.0307', error_msg: 'Incorrect token' });
  const { ask, tokenRequests } = await gatewayBefore(ISSUED, refused);
  await ask({ id: ID });
  expect(tokenRequests().length).toBeGreaterThan(1);
});

test.each([401, 403, 423])('a lock that answers the login with %i cools down', async (status) => {
  const { ask, sent } = await gatewayBefore({ ...LOCKED, status }, LOCKED);
  expect(codeOf(await ask({ id: ID }))).toBe('target_unauthorized');
  await ask({ id: ID });
  expect(sent).toHaveLength(1);
});
