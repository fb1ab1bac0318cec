import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { AUDIENCE, ISSUER, type Issuer, startIssuer } from '../../support/issuer.ts';
import { startWorkers, type WorkersGateway, withState } from './gateway.ts';

const START_MS_MAX = 60_000;
const COMES_BACK = { timeout: 20_000, interval: 200 };

let issuer: Issuer;
let gateway: WorkersGateway;
beforeAll(async () => {
  issuer = await startIssuer();
  gateway = await startWorkers(withState(documentOf(issuer.jwksUrl)), 3);
}, START_MS_MAX);
afterAll(async () => {
  await gateway?.stop();
  await issuer?.stop();
}, START_MS_MAX);

function documentOf(jwksUrl: string): JsonObject {
  const auth = { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' };
  const jwt = { jwksUrl, issuer: ISSUER, audience: AUDIENCE, match: { sub: 'svc-*' } };
  return {
    version: 1,
    targets: { acme: { vendor: 'nerm', baseUrl: 'http://127.0.0.1:9/api', auth } },
    callers: {
      billing: {
        jwt: { ...jwt, scopeClaim: 'scope', scopeNames: { 'profiles:read': 'admin:read' } },
        scopes: ['admin:read'],
      },
    },
  };
}

/** The statuses of many requests with a token, each on a connection of its own. */
async function statuses(token: string, requests: number): Promise<Set<number>> {
  const headers = { authorization: `Bearer ${token}`, connection: 'close' };
  const asked = Array.from({ length: requests }, async () => {
    const answer = await fetch(`${gateway.origin}/admin/replicas`, { headers });
    await answer.body?.cancel();
    return answer.status;
  });
  return new Set(await Promise.all(asked));
}

async function pidsBy(token: string): Promise<number[]> {
  const headers = { authorization: `Bearer ${token}` };
  const answer = await fetch(`${gateway.origin}/admin/replicas`, { headers });
  const { replicas } = (await answer.json()) as { replicas: { name: string }[] };
  return replicas.map(({ name }) => Number(name.split('/').at(-1)));
}

test('an issuer is asked once for all workers, also for one that begins later', async () => {
  const token = await issuer.sign();
  const pids = () => pidsBy(token);
  await expect.poll(pids, COMES_BACK).toHaveLength(3);
  expect(await statuses(token, 60)).toEqual(new Set([200]));
  expect(issuer.fetches()).toBe(1);

  issuer.answerWith({ status: 503, body: '' });
  const [killed = 0] = await pids();
  process.kill(killed, 'SIGKILL');
  await expect.poll(pids, COMES_BACK).not.toContain(killed);
  await expect.poll(pids, COMES_BACK).toHaveLength(3);
  expect(await statuses(token, 60)).toEqual(new Set([200]));
  expect(issuer.fetches()).toBe(1);
});
