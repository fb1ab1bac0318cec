import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createProfileClient, type PatchResult } from '../../src/client/index.ts';
import { type RunningGateway, startGateway } from '../support/gateway.ts';
import { NERM } from '../support/profiles.ts';

const READER = 'key-of-a-reader-0001';
const WRITER = 'key-of-a-writer-0001';
let gateway: RunningGateway;

beforeAll(async () => {
  gateway = await startGateway({
    callers: {
      reader: { key: READER, scopes: ['profiles:read'] },
      writer: { key: WRITER, scopes: ['profiles:read', 'profiles:write'] },
    },
  });
});
afterAll(() => gateway.stop());

const clientOf = (key: string) => createProfileClient({ baseUrl: `${gateway.origin}/`, key });

/** A client whose requests are answered in turn; the last answer is repeated. */
function scripted(answers: readonly (Response | Error)[], timeoutMs = 10_000) {
  const requests: { method: string; headers: Headers; body: unknown }[] = [];
  const client = createProfileClient({
    baseUrl: 'http://gateway.test',
    timeoutMs,
    fetch: async (_url, init = {}) => {
      const { body, headers, method = '' } = init;
      requests.push({ method, headers: new Headers(headers), body });
      const answer = answers[Math.min(requests.length, answers.length) - 1];
      if (answer === undefined || answer instanceof Error) throw answer;
      return answer.clone();
    },
  });
  return { client, requests };
}

const json = (status: number, body: object, headers = {}) =>
  Response.json(body, { status, headers });
const problem = (status: number, code: string, more: object = {}) =>
  json(status, { code, requestId: 'r', status, ...more });
const written = json(200, { write: { outcome: 'applied' } }, { 'X-Write-Id': 'w1', ETag: '"t"' });
const CUT = new TypeError('fetch failed');

describe('against a gateway', () => {
  test('a profile is read, patched and explained', async () => {
    const client = clientOf(WRITER);
    const read = await client.get(NERM);
    expect(read).toMatchObject({ ok: true, profile: { vendor: 'nerm' } });
    if (!read.ok) return;
    const { etag = '' } = read;
    expect(await client.get(NERM, { ifNoneMatch: etag })).toMatchObject({
      ok: true,
      profile: undefined,
    });
    const patch = { attributes: { cost_centre: '0815' } };
    expect(await client.explain(NERM, patch, { reads: true })).toMatchObject({
      ok: true,
      explanation: { prediction: 'write' },
    });
    const patched = await client.patch(NERM, patch, { ifMatch: etag });
    expect(patched).toMatchObject({ outcome: 'applied', profile: patch, isReplayed: false });
    expect(await client.patch(NERM, patch, { ifMatch: etag })).toMatchObject({
      outcome: 'rejected',
      code: 'precondition_failed',
      etag: 'etag' in patched ? patched.etag : '',
    });
    const { idempotencyKey } = patched;
    const options = { ifMatch: etag, idempotencyKey };
    expect(await client.patch(NERM, patch, options)).toMatchObject({
      outcome: 'applied',
      isReplayed: true,
    });
    expect(await client.capabilities()).toMatchObject({ ok: true });
  });

  test('a refusal has its code', async () => {
    expect(await clientOf(READER).patch(NERM, { name: 'x' })).toMatchObject({
      outcome: 'rejected',
      code: 'forbidden',
    });
    expect(await clientOf('no-key-of-anybody-01').get(NERM)).toMatchObject({
      ok: false,
      code: 'unauthenticated',
    });
    expect(
      await clientOf(WRITER).patch(NERM, { status: 'active', description: 'x' }),
    ).toMatchObject({ outcome: 'rejected', code: 'unsupported_patch' });
    const lenient = { handling: 'lenient', returns: 'minimal' } as const;
    const patched = await clientOf(WRITER).patch(
      NERM,
      { status: 'active', description: 'x' },
      lenient,
    );
    expect(patched).toMatchObject({ write: { losses: [{ pointer: '/description' }] } });
    expect(patched).not.toHaveProperty('profile.id');
  });
});

describe('repeats', () => {
  test('carry the same key, and end with the first answer', async () => {
    const { client, requests } = scripted([CUT, new Response('<html>', { status: 502 }), written]);
    expect(await client.patch('x', { name: 'n' })).toMatchObject({
      outcome: 'applied',
      writeId: 'w1',
      etag: '"t"',
    });
    const keys = requests.map(({ headers }) => headers.get('Idempotency-Key'));
    expect(keys).toEqual(Array.from({ length: 3 }, () => expect.stringMatching(/^[0-9a-f]{32}$/)));
    expect(new Set(keys).size).toBe(1);
    expect(new Set(requests.map(({ body }) => body))).toEqual(new Set(['{"name":"n"}']));
  });

  test('wait for as long as the gateway says, and not past the end of the call', async () => {
    const busy = problem(503, 'overloaded', { outcome: 'rejected', retryAfterSeconds: 1 });
    const waiting = scripted([busy, written]);
    const startMs = performance.now();
    expect(await waiting.client.patch('x', {})).toMatchObject({ outcome: 'applied' });
    expect(performance.now() - startMs).toBeGreaterThan(990);
    const late = scripted([busy, written], 900);
    expect(await late.client.patch('x', {})).toMatchObject({
      outcome: 'rejected',
      code: 'overloaded',
    });
    expect(late.requests).toHaveLength(1);
  });

  test.each([
    ['a refusal', problem(422, 'unsupported_patch', { outcome: 'rejected' })],
    ['a target that only reads', problem(503, 'target_read_only', { outcome: 'rejected' })],
    ['a partial end', problem(502, 'partially_applied', { outcome: 'partial' })],
    ['an unknown end without a time', problem(504, 'outcome_unknown', { outcome: 'unknown' })],
  ])('are not made after %s', async (_name, answer) => {
    const { client, requests } = scripted([answer, written]);
    const { outcome } = await client.patch('x', {});
    expect(outcome).not.toBe('applied');
    expect(requests).toHaveLength(1);
  });

  const late = { outcome: 'rejected', retryAfterSeconds: 60 };
  test.each([
    ['a connection that broke', CUT],
    [
      'an unknown end',
      problem(504, 'outcome_unknown', { outcome: 'unknown', retryAfterSeconds: 0 }),
    ],
    ['an error without an outcome', problem(500, 'internal_error', { retryAfterSeconds: 0 })],
  ])('that are refused after %s leave the end unknown', async (_name, first) => {
    const { client } = scripted([first, problem(503, 'overloaded', late)]);
    const result = await client.patch('x', {});
    expect(result).toMatchObject({ outcome: 'unknown', code: 'overloaded' });
  });

  test('that are refused after refusals leave nothing open', async () => {
    const early = { outcome: 'rejected', retryAfterSeconds: 0 };
    const { client } = scripted([
      problem(503, 'overloaded', early),
      problem(422, 'unsupported_patch', { outcome: 'rejected' }),
    ]);
    expect(await client.patch('x', {})).toMatchObject({ outcome: 'rejected' });
  });

  test('that the stored answer is sent for have its end', async () => {
    const replayed = json(
      422,
      { code: 'rejected_by_target', requestId: 'r', outcome: 'rejected' },
      { 'Idempotency-Replayed': 'true' },
    );
    expect(await scripted([CUT, replayed]).client.patch('x', {})).toMatchObject({
      outcome: 'rejected',
      isReplayed: true,
    });
  });

  test.each(['request_in_progress', 'idempotency_keys_lost'])(
    'answered by %s say nothing of the write',
    async (code) => {
      const { client } = scripted([problem(409, code, late)]);
      const asked = { idempotencyKey: 'a-key-of-before' };
      expect(await client.patch('x', {}, asked)).toMatchObject({ outcome: 'unknown', code });
    },
  );

  test('end at a bound, without an answer as unknown', async () => {
    const { client, requests } = scripted([CUT], 60_000);
    const fast = Math.random;
    Math.random = () => 0;
    const result = await client.patch('x', {}).finally(() => {
      Math.random = fast;
    });
    expect(result).toMatchObject({ outcome: 'unknown', code: 'no_response' });
    expect(requests).toHaveLength(12);
  });
});

describe('the end of a call', () => {
  const never = createProfileClient({
    baseUrl: 'http://gateway.test',
    fetch: (_url, { signal } = {}) =>
      new Promise((_resolve, reject) => {
        if (signal?.aborted === true) throw signal.reason;
        signal?.addEventListener('abort', () => reject(signal.reason));
      }),
  });

  test.each([30, 0.5, 0, -1])('at its deadline is unknown: %f ms', async (timeoutMs) => {
    const result = await never.patch('x', {}, { timeoutMs });
    expect(result).toMatchObject({ outcome: 'unknown', code: 'deadline_exceeded' });
  });

  test('may be as late as one likes', async () => {
    const { client } = scripted([written], Number.POSITIVE_INFINITY);
    expect(await client.patch('x', {})).toMatchObject({ outcome: 'applied' });
  });

  test('comes to a wait for a token too, whose rejection is that of the call', async () => {
    const baseUrl = 'http://gateway.test';
    const silent = createProfileClient({ baseUrl, token: () => new Promise(() => {}) });
    expect(await silent.get('x', { timeoutMs: 20 })).toEqual({
      ok: false,
      code: 'deadline_exceeded',
    });
    const failing = createProfileClient({ baseUrl, token: () => Promise.reject(new Error('no')) });
    await expect(failing.get('x')).rejects.toThrow('no');
  });

  test('leaves no listener at the signal', async () => {
    const { client } = scripted([written]);
    const { signal } = new AbortController();
    const [adding, removing] = [
      vi.spyOn(signal, 'addEventListener'),
      vi.spyOn(signal, 'removeEventListener'),
    ];
    await client.patch('x', {}, { signal });
    expect(adding).toHaveBeenCalledTimes(1);
    expect(removing.mock.calls).toEqual(adding.mock.calls);
  });

  test('by the signal is unknown, since the patch may have been sent', async () => {
    const signal = AbortSignal.timeout(30);
    expect(await never.patch('x', {}, { signal })).toMatchObject({
      outcome: 'unknown',
      code: 'aborted',
    });
    expect(await never.get('x', { signal })).toEqual({ ok: false, code: 'aborted' });
  });
});

test('credentials and the context of a trace are headers of each request', async () => {
  const seen: Headers[] = [];
  const client = createProfileClient({
    baseUrl: 'http://gateway.test',
    token: async () => 'a-token',
    fetch: async (_url, init = {}) => {
      seen.push(new Headers(init.headers));
      return json(200, { targets: [] });
    },
  });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await client.capabilities({ traceparent, tracestate: 'a=b' });
  expect(Object.fromEntries(seen[0] ?? [])).toMatchObject({
    authorization: 'Bearer a-token',
    traceparent,
    tracestate: 'a=b',
  });
});

test('an answer that is too long is none', async () => {
  const { client } = scripted([new Response('x'.repeat(17 * 1024 * 1024))], 50);
  expect(await client.get('x')).toMatchObject({ ok: false });
});

test('a switch over the outcomes is exhaustive', () => {
  const said = (result: PatchResult): string => {
    switch (result.outcome) {
      case 'applied':
      case 'noop':
        return result.write.target;
      case 'rejected':
      case 'partial':
        return result.problem.title;
      case 'unknown':
        return result.idempotencyKey;
    }
  };
  const unknown = { outcome: 'unknown', code: 'no_response', isReplayed: false } as const;
  expect(said({ ...unknown, idempotencyKey: 'k' })).toBe('k');
});
