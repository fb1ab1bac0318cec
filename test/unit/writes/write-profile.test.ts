import { describe, expect, test } from 'vitest';
import type { HttpResponse, Json, JsonObject } from '../../../src/adapter-kit/index.ts';
import type { Send } from '../../../src/ports.ts';
import { type Answer, createBench, START_MS } from '../../conformance/bench.ts';

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
const NAVER = {
  baseUrl: 'https://vendor.test',
  auth: { accessKey: 'an-access-key-not-real', secretKey: 'a-secret-key-not-real' },
};

const SETTINGS = {
  senlin: { baseUrl: 'https://vendor.test/cluster', auth: KEYSTONE },
  nerm: {
    baseUrl: 'https://vendor.test/api',
    auth: { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' },
  },
  naver: NAVER,
};

type Step = JsonObject | string | HttpResponse | 'timeout';

/** How long a vendor takes for each answer that is told by its status, and for none at all. */
const SLOW_MS = 9_000;

type Asked = { readonly patch: Json; readonly headers?: Readonly<Record<string, string>> };

/** Asks for one patch. */
async function patched(
  vendor: keyof typeof SETTINGS,
  patch: Json,
  steps: readonly Step[],
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly answer: Answer; readonly sent: readonly string[] }> {
  const { answers, sent } = await allPatched(vendor, [{ patch, headers }], steps);
  const [answer] = answers;
  if (answer === undefined) throw new Error('nothing was asked');
  return { answer, sent };
}

/** Asks a vendor that answers `steps` in their order for patches; the requests it got too. */
async function allPatched(
  vendor: keyof typeof SETTINGS,
  asked: readonly Asked[],
  steps: readonly Step[],
): Promise<{ readonly answers: readonly Answer[]; readonly sent: readonly string[] }> {
  const clock = { nowMs: START_MS };
  let next = 0;
  const send: Send = async ({ path }, timeoutMs) => {
    if (path.endsWith('/auth/tokens?nocatalog')) {
      return { status: 201, headers: { 'x-subject-token': `token-${next}` }, body: '{}' };
    }
    const step = steps[next] ?? 'timeout';
    next += 1;
    if (step === 'timeout') {
      clock.nowMs += Math.min(SLOW_MS, timeoutMs);
      return { failure: 'timeout', sent: true, reason: 'TIMEOUT' };
    }
    if (typeof step === 'string') return { status: 200, headers: {}, body: step };
    if (typeof step.status === 'number' && typeof step.body === 'string') {
      clock.nowMs += SLOW_MS;
      return step as HttpResponse;
    }
    return { status: 200, headers: {}, body: JSON.stringify({ profile: step }) };
  };
  const bench = await createBench({ vendor, settings: SETTINGS[vendor], send, clock });
  const answers: Answer[] = [];
  for (const { headers = {}, patch } of asked) {
    answers.push(await bench.ask({ id: ID, patch: JSON.stringify(patch), headers }));
  }
  const sent = bench.sent
    .filter(({ method }) => method !== 'POST')
    .map(({ body, method }) => (body === undefined ? method : `${method} ${body}`));
  return { answers, sent };
}

describe('a map that the vendor replaces whole', () => {
  test.each<[string, JsonObject]>([
    ['does not show', { id: ID, name: 'web' }],
    ['shows in another form', { id: ID, name: 'web', metadata: 'owner=blue' }],
  ])('is not written when a read %s', async (_, shown) => {
    const { answer, sent } = await patched('senlin', { attributes: { owner: 'blue' } }, [shown]);
    expect(answer.body).toMatchObject({ code: 'target_invalid_response', outcome: 'rejected' });
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
    expect(answer.body).toMatchObject({ code: 'target_invalid_response', outcome: 'rejected' });
    expect(sent).toEqual(['GET']);
  });

  test('to a write leaves its end unknown', async () => {
    const steps = [{ id: ID, name: 'web', metadata: {} }, deep, deep, deep];
    const { answer } = await patched('senlin', { name: 'after' }, steps);
    expect(answer.body).toMatchObject({ code: 'outcome_unknown', outcome: 'unknown' });
  });
});

describe('what may still land', () => {
  const before = { id: ID, name: 'web', metadata: {} };
  const patch = { name: 'after' };
  const refused = { status: 401, headers: {}, body: '{}' };

  test('keeps others away from when it was sent last, not from its first try', async () => {
    const { answers, sent } = await allPatched('senlin', [{ patch }, { patch }], [before, refused]);
    expect(sent.slice(0, 3)).toEqual(['GET', expect.any(String), expect.any(String)]);
    expect(answers.map(({ body }) => body.code)).toEqual(['outcome_unknown', 'profile_in_doubt']);
    // 60 s from the second send: 9 s of it until it was given up, the rest for reading back.
    const spentMs = 30_000 - SLOW_MS;
    const left = Number(answers[1]?.headers.get('retry-after'));
    expect(left * 1000).toBeGreaterThanOrEqual(60_000 - spentMs);
  });

  test.each([
    ['is answered', { profileId: ID, enabled: true, durationSeconds: 900 }],
    ['is seen to have landed', 'timeout' as const],
  ])('is not forgotten when a later step %s', async (_, answer) => {
    const off = { profileId: ID, enabled: false, durationSeconds: 900 };
    const on = { ...off, enabled: true };
    const told = (step: JsonObject | 'timeout') =>
      step === 'timeout' ? step : JSON.stringify(step);
    // The first step writes what is there already: nothing shows whether it has landed.
    const both = { extensions: { naver: { durationSeconds: 900 } }, status: 'active' };
    const { answers } = await allPatched(
      'naver',
      [{ patch: both, headers: { 'if-match': '*' } }, { patch: { status: 'inactive' } }],
      [off, 'timeout', off, off, answer, on].map((step) => told(step as JsonObject | 'timeout')),
    );
    expect(answers[0]?.body).toMatchObject({ write: { outcome: 'applied' } });
    expect(answers[1]?.body).toMatchObject({ code: 'profile_in_doubt' });
  });
});

describe('two writes under a condition', () => {
  const off = { profileId: ID, name: 'before', enabled: false, durationSeconds: 900 };
  const edited = { ...off, name: 'after' };
  const on = { ...edited, enabled: true };

  test('go on after the first was read back, although the profile is another by then', async () => {
    const told = (step: JsonObject) => JSON.stringify(step);
    const read = await createTag('naver', told(off));
    const { answer, sent } = await patched(
      'naver',
      { name: 'after', status: 'active' },
      [told(off), 'timeout', told(edited), told(edited), told(on)],
      { 'if-match': read },
    );
    expect(answer.body).toMatchObject({ write: { outcome: 'applied', evidence: 'read_back' } });
    expect(sent.filter((line) => line.startsWith('PATCH'))).toHaveLength(1);
  });
});

/** The tag of a profile that the vendor shows as `body`. */
async function createTag(vendor: keyof typeof SETTINGS, body: string): Promise<string> {
  const send: Send = async () => ({ status: 200, headers: {}, body });
  const bench = await createBench({ vendor, settings: SETTINGS[vendor], send });
  return (await bench.ask({ id: ID })).headers.get('etag') ?? '';
}
