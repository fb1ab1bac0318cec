import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { ANSWER_MS } from '../../../src/state/answers.ts';
import { call, expectProblem, MERGE_PATCH, patch, read } from '../../support/client.ts';
import { type RunningGateway, startGateway, withGateway } from '../../support/gateway.ts';
import { IAM, NAVER, NERM, naverTarget, SENLIN, upstreamIdOf } from '../../support/profiles.ts';
import { expectReplay } from './replays.ts';

const READER_KEY = 'reader-key-that-is-not-real';
const WRITER_KEY = 'writer-key-that-is-not-real';
const callers = {
  both: { key: READER_KEY, scopes: ['profiles:read', 'profiles:write'] },
  writer: { key: WRITER_KEY, scopes: ['profiles:write'] },
};
const both = { authorization: `Bearer ${READER_KEY}` };
const writer = { authorization: `Bearer ${WRITER_KEY}` };

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    callers,
    targets: {
      down: naverTarget({ baseUrl: 'http://127.0.0.1:9' }),
    },
  });
});
afterAll(() => gateway.stop());

let keys = 0;
/** A key that nobody has sent before. */
function newKey(): string {
  keys += 1;
  return `"CANARY-KEY ${keys}"`;
}

type Headers = Readonly<Record<string, string>>;

/** Asks for a write with a key, which stands nowhere in the answer. */
async function write(id: string, body: JsonObject, key: string, headers: Headers = both) {
  const answer = await patch(gateway.origin, id, body, { ...headers, 'idempotency-key': key });
  expect(JSON.stringify([answer.text, answer.headers])).not.toContain('CANARY-KEY');
  return answer;
}

const sentCount = () => gateway.upstream.length;

/** Asks twice, and returns both answers with the number of requests that the second has sent. */
async function twice(id: string, body: JsonObject, headers: Headers = both) {
  const key = newKey();
  const first = await write(id, body, key, headers);
  const before = sentCount();
  const second = await write(id, body, key, headers);
  return { first, second, sent: sentCount() - before };
}

describe('a repeat with the same key', () => {
  it.each([
    ['applied', SENLIN, { attributes: { by: 'a key' } }, both],
    [
      'applied, without the profile',
      NERM,
      { attributes: { remarks: '1' } },
      { ...both, prefer: 'return=minimal' },
    ],
    ['applied, for a caller who may not read', NERM, { attributes: { remarks: '2' } }, writer],
    [
      'lenient',
      NERM,
      { description: 'x', attributes: { remarks: '3' } },
      { ...both, prefer: 'handling=lenient' },
    ],
    ['noop', SENLIN, {}, both],
    ['in two steps', NAVER, { description: 'two', status: 'inactive' }, both],
  ])('is answered as the first, and sends nothing: %s', async (_, id, body, headers) => {
    const { first, second, sent } = await twice(id, body, headers);
    expect(first.status).toBe(200);
    expectReplay(first, second);
    expect(sent).toBe(0);
  });

  it('is answered by what the vendor rejected, and by what is applied in part', async () => {
    const rejected = await twice(NERM, { attributes: { end_date: 'no date' } });
    expectProblem(rejected.first, 422, 'rejected_by_target');
    expectProblem(rejected.second, 422, 'rejected_by_target');
    expectReplay(rejected.first, rejected.second);
    expect(rejected.sent).toBe(0);
    await patch(gateway.origin, NAVER, { status: 'active' }, both);
    const partial = await twice(NAVER, { name: 'a_b c', status: 'inactive' });
    expectProblem(partial.first, 502, 'partially_applied');
    expectReplay(partial.first, partial.second);
    expect(partial.sent).toBe(0);
  });

  it('names the write of the first request in the log, and the repeat itself', async () => {
    const { first, second } = await twice(SENLIN, { attributes: { by: 'the log' } });
    const line = gateway.logs.at(-1);
    expect(line).toMatchObject({
      requestId: second.headers['x-request-id'],
      writeId: first.headers['x-write-id'],
      outcome: 'applied',
      replayed: true,
    });
    expect(line).not.toHaveProperty('steps');
  });

  it('is the same request in another form', async () => {
    const key = newKey();
    const first = await write(SENLIN, { attributes: { a: 10, b: 'x' } }, key);
    const text = '{ "attributes": { "b": "\\u0078", "a": 1.0e1 } }';
    const headers = { ...both, 'idempotency-key': key, prefer: 'handling=strict' };
    expectReplay(first, await patch(gateway.origin, SENLIN, text, headers));
    const bare = await write(SENLIN, { attributes: { a: 11 } }, 'a-token');
    expectReplay(bare, await write(SENLIN, { attributes: { a: 11 } }, '"a-token"'));
  });

  it('is answered before If-Match is looked at', async () => {
    const etag = String((await read(gateway.origin, SENLIN, both)).headers.etag);
    const key = newKey();
    const headers = { ...both, 'if-match': etag };
    const first = await write(SENLIN, { attributes: { n: 'matched' } }, key, headers);
    expect(first.status).toBe(200);
    expect(first.headers.etag).not.toBe(etag);
    expectReplay(first, await write(SENLIN, { attributes: { n: 'matched' } }, key, headers));
    const late = await write(SENLIN, { attributes: { n: 'matched' } }, newKey(), headers);
    expectProblem(late, 412, 'precondition_failed');
  });

  it('is run after a day', async () => {
    await withGateway({}, async (own) => {
      const ask = () =>
        patch(own.origin, SENLIN, { attributes: { a: 1 } }, { 'idempotency-key': '"daily"' });
      const first = await ask();
      own.advance(ANSWER_MS - 60_000);
      expectReplay(first, await ask());
      own.advance(60_000);
      expect((await ask()).headers).not.toHaveProperty('idempotency-replayed');
    });
  });
});

describe('a repeat is run', () => {
  it.each([
    ['412', SENLIN, { attributes: { a: 1 } }, { 'if-match': '"0123"' }, 412],
    ['422 of the plan', NAVER, { attributes: { a: 1 } }, {}, 422],
    ['422 of the model', NERM, { status: 'x' }, {}, 422],
    ['404 of a route', 'nobody:1', { name: 'x' }, {}, 404],
  ])('after %s', async (_, id, body, headers, status) => {
    const { first, second } = await twice(id, body, { ...both, ...headers });
    expect([first.status, second.status]).toEqual([status, status]);
    expect(second.headers).not.toHaveProperty('idempotency-replayed');
  });

  it('where no byte of the write has left', async () => {
    const id = `down:${upstreamIdOf(NAVER)}`;
    const { first, second } = await twice(id, { description: 'x' });
    expectProblem(first, 503, 'target_unavailable');
    expectProblem(second, 503, 'target_unavailable');
    expect(second.headers).not.toHaveProperty('idempotency-replayed');
  });

  it('for another caller and another id', async () => {
    const key = newKey();
    const body = { attributes: { remarks: 'scoped' } };
    await write(NERM, body, key);
    const other = await write(NERM, body, key, writer);
    expect(other.status).toBe(200);
    expect(other.headers).not.toHaveProperty('idempotency-replayed');
    const elsewhere = await write(SENLIN, { attributes: { remarks: 'scoped' } }, key);
    expect(elsewhere.status).toBe(200);
    expect(elsewhere.headers).not.toHaveProperty('idempotency-replayed');
  });
});

describe('a key', () => {
  it.each<[string, JsonObject, Headers]>([
    ['another patch', { attributes: { remarks: 'b' } }, {}],
    ['another handling', { attributes: { remarks: 'a' } }, { prefer: 'handling=lenient' }],
    ['another return', { attributes: { remarks: 'a' } }, { prefer: 'return=minimal' }],
    ['a condition', { attributes: { remarks: 'a' } }, { 'if-match': '*' }],
  ])('that comes with %s is refused', async (_, body, headers) => {
    const key = newKey();
    const first = await write(NERM, { attributes: { remarks: 'a' } }, key);
    const sent = sentCount();
    const reused = await write(NERM, body, key, { ...both, ...headers });
    expectProblem(reused, 422, 'idempotency_key_reused');
    expect(reused.json).toMatchObject({ outcome: 'rejected', notApplied: ['/attributes/remarks'] });
    expect(reused.headers['x-write-id']).not.toBe(first.headers['x-write-id']);
    expect(sentCount()).toBe(sent);
    expectReplay(first, await write(NERM, { attributes: { remarks: 'a' } }, key));
  });

  it.each(['', '""', '"a', 'a b', `"${'k'.repeat(256)}"`, '"a", "b"'])(
    'that is none is refused: %s',
    async (key) => {
      const sent = sentCount();
      const headers = { ...both, 'if-match': 'no tag' };
      expectProblem(await write(NERM, { name: 'x' }, key, headers), 400, 'invalid_idempotency_key');
      expect(sentCount()).toBe(sent);
    },
  );

  it('that is sent twice in one request is refused', async () => {
    const headers = { ...both, ...MERGE_PATCH, 'idempotency-key': ['a', 'b'] as unknown as string };
    const options = { method: 'PATCH', headers, body: '{"name":"x"}' };
    const answer = await call(gateway.origin, `/profiles/${NERM}`, options);
    expectProblem(answer, 400, 'invalid_idempotency_key');
  });

  it('of a request that is under way is refused until that has ended', async () => {
    const key = newKey();
    const body = { attributes: { slow: 'x' } };
    const release = gateway.holdUpstream();
    const first = write(SENLIN, body, key);
    await expect.poll(async () => (await write(SENLIN, body, key)).status).toBe(409);
    const early = await write(SENLIN, body, key);
    expectProblem(early, 409, 'request_in_progress');
    expect(early.headers['retry-after']).toBe('1');
    release();
    expectReplay(await first, await write(SENLIN, body, key));
  });

  it('leaves a request without one alone', async () => {
    const { first } = await twice(IAM, { description: 'keyed' });
    const plain = await patch(gateway.origin, IAM, { description: 'keyed' }, both);
    expect(plain.headers).not.toHaveProperty('idempotency-replayed');
    expect(plain.headers['x-write-id']).not.toBe(first.headers['x-write-id']);
  });

  it('stands in no line of the log', () => {
    expect(gateway.logs.length).toBeGreaterThan(50);
    expect(JSON.stringify(gateway.logs)).not.toMatch(/CANARY-KEY|a-token/);
  });
});
