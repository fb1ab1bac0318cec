import { describe, expect, test } from 'vitest';
import type { HttpResponse, Json, JsonObject } from '../../src/contract/index.ts';
import type { Send } from '../../src/gateway/ports.ts';
import { type Answer, createBench } from '../conformance/bench.ts';

const ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
const KEYSTONE = {
  method: 'password',
  url: 'https://vendor.test/identity/v3',
  username: 'gw',
  password: 'a-password-not-real',
  userDomain: 'Default',
  project: 'team',
  projectDomain: 'Default',
};
const SETTINGS = {
  senlin: { baseUrl: 'https://vendor.test/cluster', auth: KEYSTONE },
  nerm: {
    baseUrl: 'https://vendor.test/api',
    auth: { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' },
  },
};

type Step = JsonObject | string | HttpResponse | 'timeout';

/** Asks for a patch of a vendor that answers `steps` in their order; the requests it got too. */
async function patched(
  vendor: keyof typeof SETTINGS,
  patch: Json,
  steps: readonly Step[],
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly answer: Answer; readonly sent: readonly string[] }> {
  let next = 0;
  const send: Send = async ({ path }) => {
    if (path.endsWith('/auth/tokens?nocatalog')) {
      return { status: 201, headers: { 'x-subject-token': 'a-token-not-real' }, body: '{}' };
    }
    const step = steps[next] ?? 'timeout';
    next += 1;
    if (step === 'timeout') return { failure: 'timeout', sent: true, reason: 'TIMEOUT' };
    if (typeof step === 'string') return { status: 200, headers: {}, body: step };
    if (typeof step.status === 'number' && typeof step.body === 'string') {
      return step as HttpResponse;
    }
    return { status: 200, headers: {}, body: JSON.stringify({ profile: step }) };
  };
  const bench = await createBench({ vendor, settings: SETTINGS[vendor], send });
  const answer = await bench.ask({ id: ID, patch: JSON.stringify(patch), headers });
  const sent = bench.sent
    .filter(({ method }) => method !== 'POST')
    .map(({ body, method }) => (body === undefined ? method : `${method} ${body}`));
  return { answer, sent };
}

describe('a map that the vendor replaces whole', () => {
  test.each<[string, JsonObject]>([
    ['does not show', { id: ID, name: 'web' }],
    ['shows in another form', { id: ID, name: 'web', metadata: 'owner=blue' }],
  ])('is not written when a read %s', async (_, shown) => {
    const { answer, sent } = await patched('senlin', { attributes: { owner: 'blue' } }, [shown]);
    expect(answer.body).toMatchObject({ code: 'target_protocol', outcome: 'rejected' });
    expect(sent).toEqual(['GET']);
  });
});

describe('a name that differs in its blanks only', () => {
  const before = { id: ID, name: 'Jane  Doe', attributes: {} };
  const after = { ...before, name: 'Jane Doe' };

  test('is no noop', async () => {
    const { answer, sent } = await patched('nerm', { name: 'Jane Doe' }, [before, after], {
      'if-match': '*',
    });
    expect(sent).toHaveLength(2);
    expect(answer.body).toMatchObject({ write: { outcome: 'applied', unconfirmed: [] } });
  });

  test('is not taken for written when a read-back shows the old one', async () => {
    const steps: Step[] = [before, 'timeout', before, before, after];
    const { answer, sent } = await patched('nerm', { name: 'Jane Doe' }, steps, {
      'if-match': '*',
    });
    expect(sent.filter((line) => line.startsWith('PATCH'))).toHaveLength(2);
    expect(answer.body).toMatchObject({ write: { outcome: 'applied', unconfirmed: [] } });
  });
});

describe('an answer nested without end', () => {
  const deep = `{"profile":{"id":"${ID}","metadata":{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}}}`;

  test('to a read before the write sends nothing', async () => {
    const { answer, sent } = await patched('senlin', { attributes: { owner: 'blue' } }, [deep]);
    expect(answer.body).toMatchObject({ code: 'target_protocol', outcome: 'rejected' });
    expect(sent).toEqual(['GET']);
  });

  test('to a write leaves its end unknown', async () => {
    const steps = [{ id: ID, name: 'web', metadata: {} }, deep, deep, deep];
    const { answer } = await patched('senlin', { name: 'after' }, steps);
    expect(answer.body).toMatchObject({ code: 'outcome_unknown', outcome: 'unknown' });
  });
});
