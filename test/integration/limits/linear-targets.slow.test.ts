import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../../../src/adapter-kit/index.ts';
import { UPSTREAM } from '../../support/in-memory.ts';
import { expectLinear } from './growth.ts';
import { gatewayBefore } from './vendors.ts';

const KEY = 'key-of-a-caller-0001';
const headers = { authorization: `Bearer ${KEY}` };

/** So many targets, half of which take a name of any length. */
function targets(count: number): JsonObject {
  const nerm = {
    vendor: 'nerm',
    baseUrl: `${UPSTREAM}/nerm/api`,
    auth: { method: 'token', token: 'a-token-not-real' },
  };
  const naver = {
    vendor: 'naver',
    baseUrl: `${UPSTREAM}/naver`,
    auth: { accessKey: 'AN-ACCESS-KEY', secretKey: 'a-secret-not-real' },
  };
  return named('t', count, (i) => (i % 2 === 0 ? naver : nerm));
}

function named(prefix: string, count: number, value: (i: number) => Json): JsonObject {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`${prefix}${i}`, value(i)]));
}

const PROFILE = '/profiles/t0:7fa885cd-fa39-4531-a42d-780af95c84a4';

test('a refused text of so many thousand characters before so many targets', async () => {
  await expectLinear(15, async (count) => {
    const gateway = await gatewayBefore({}, { targets: targets(count) });
    const text = JSON.stringify({ name: '한'.repeat((count * 1_000) / 3) });
    return async () => {
      const { body } = await gateway.ask('PATCH', PROFILE, { text });
      expect(body.errors).toMatchObject([
        { code: 'constraint_violated', supportedBy: { 0: 't1' } },
      ]);
    };
  });
});

test('many refused members before many targets', async () => {
  await expectLinear(60, async (count) => {
    const gateway = await gatewayBefore({}, { targets: targets(count) });
    const text = JSON.stringify({ attributes: named('k', 5 * count, () => 'v') });
    return async () => {
      const answer = await gateway.ask('PATCH', PROFILE, { text });
      expect(answer.text).toContain('"supportedBy":["t1"');
    };
  });
});

test('many members of a caller who may write many', async () => {
  await expectLinear(60, async (count) => {
    const allow = Object.keys(named('/attributes/k', count, () => null));
    const caller = { key: KEY, scopes: ['profiles:write'], fields: { allow } };
    const gateway = await gatewayBefore({}, { callers: { caller } });
    // The last of them is not allowed, so that all are looked at and nothing is sent.
    const members = named('k', count, () => 'v');
    const text = JSON.stringify({ attributes: { ...members, last: 'v' } });
    return async () => {
      const answer = await gateway.ask('PATCH', gateway.freshPath('nerm'), { headers, text });
      expect(answer.status).toBe(403);
    };
  });
});

test.each([
  ['GET', '', 404],
  ['POST', '/explain', 404],
])('a %s of %j that none of many rules takes', async (method, below, status) => {
  await expectLinear(120, async (count) => {
    const routes = Array.from({ length: count }, (_, i) => ({
      match: { id: '*-a', header: { 'x-tenant': `*${i}` } },
      to: 'nerm',
    }));
    const gateway = await gatewayBefore({}, { routes });
    const question = method === 'GET' ? {} : { text: '{}' };
    return async () => {
      for (let i = 0; i < 10; i += 1) {
        const answer = await gateway.ask(method, `/profiles/one-a${below}`, question);
        expect(answer.status).toBe(status);
      }
    };
  });
});

test('the capabilities of many targets', async () => {
  await expectLinear(60, async (count) => {
    const gateway = await gatewayBefore({}, { targets: targets(count) });
    return async () => {
      const { status } = await gateway.ask('GET', '/capabilities');
      expect(status).toBe(200);
    };
  });
});

test.each([
  ['rules', (count: number) => ({ routes: rules(count) })],
  ['targets', (count: number) => ({ targets: { ...targets(count) } })],
  ['callers', (count: number) => ({ callers: callers(count) })],
])('a configuration of many %s', async (_, document) => {
  await expectLinear(60, async (count) => async () => {
    await gatewayBefore({}, document(count));
  });
});

function rules(count: number): JsonObject[] {
  return Array.from({ length: count }, (_, i) => ({ match: { id: `t${i}-*` }, to: 'nerm' }));
}

function callers(count: number): JsonObject {
  return named('c', count, (i) => ({
    key: `key-of-a-caller-${i}`,
    scopes: ['profiles:write'],
    targets: ['nerm', 'sen*'],
  }));
}
