import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { call, expectProblem, MERGE_PATCH, part, read } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { NAVER, NERM } from '../../support/profiles.ts';

const READER = 'reader-key-0001';
const WRITER = 'writer-key-0001';
const OLD = 'rotated-key-0001';
const NEW = 'rotated-key-0002';
const HASHED = 'hashed-key-0001';
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    callers: {
      reader: { key: READER, scopes: ['profiles:read'] },
      writer: { key: WRITER, scopes: ['profiles:write'] },
      rotating: { keys: [OLD, NEW], scopes: ['profiles:read', 'profiles:write'] },
      hashed: { key: `sha256:${sha256(HASHED)}`, scopes: ['profiles:read'] },
    },
    defaultTarget: 'nerm-demo',
  });
});
afterAll(() => gateway.stop());

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });
const write = (id: string, headers: Record<string, string>) =>
  call(gateway.origin, `/profiles/${id}`, {
    method: 'PATCH',
    headers: { ...MERGE_PATCH, ...headers },
    body: '{"name":"by a caller"}',
  });

describe('a request without a known key', () => {
  it.each<[string, string | undefined]>([
    ['none', undefined],
    ['empty', ''],
    ['another one', 'Bearer some-other-key'],
    ['half a key', `Bearer ${READER.slice(0, -1)}`],
    ['a key and more', `Bearer ${READER}1`],
    ['two keys', `Bearer ${READER} ${READER}`],
    ['another scheme', `Basic ${READER}`],
    ['no scheme', READER],
    ['the hash of a key', `Bearer ${sha256(READER)}`],
    ['the hash that is configured', `Bearer sha256:${sha256(HASHED)}`],
    ['a very long one', `Bearer ${'k'.repeat(5000)}`],
    ['no ASCII', 'Bearer sch\u00fcssel'],
  ])('is 401 and tells how to ask: %s', async (_, authorization) => {
    const headers = authorization === undefined ? {} : { authorization };
    const seen = gateway.upstream.length;
    for (const path of [
      `/profiles/${NERM}`,
      '/profiles/nowhere:1',
      '/profiles/%',
      '/capabilities',
    ]) {
      const answer = await call(gateway.origin, path, { headers });
      expectProblem(answer, 401, 'unauthenticated');
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    }
    const written = await write(NERM, headers);
    expectProblem(written, 401, 'unauthenticated');
    expect(written.headers['www-authenticate']).toBe('Bearer');
    expect(gateway.upstream.length).toBe(seen);
  });

  it('may ask whether the gateway lives, and what a problem means', async () => {
    expect((await call(gateway.origin, '/healthz')).status).toBe(200);
    expect((await call(gateway.origin, '/problems/unauthenticated')).status).toBe(200);
  });
});

describe('a caller', () => {
  it('reads with the scope to read, and does not write', async () => {
    for (const key of [READER, HASHED]) {
      expect((await read(gateway.origin, NERM, bearer(key))).status).toBe(200);
      const seen = gateway.upstream.length;
      expectProblem(await write(NERM, bearer(key)), 403, 'forbidden');
      expect(gateway.upstream.length).toBe(seen);
      expect((await call(gateway.origin, '/capabilities', { headers: bearer(key) })).status).toBe(
        200,
      );
    }
  });

  it('writes with the scope to write, and does not read', async () => {
    expect((await write(NERM, bearer(WRITER))).status).toBe(200);
    expectProblem(await read(gateway.origin, NERM, bearer(WRITER)), 403, 'forbidden');
    const capabilities = await call(gateway.origin, '/capabilities', { headers: bearer(WRITER) });
    expectProblem(capabilities, 403, 'forbidden');
  });

  it.each<[string | undefined, string]>([
    [undefined, 'return=minimal'],
    ['return=minimal', 'return=minimal'],
    ['return=representation', 'return=minimal'],
    ['handling=lenient, atomic', 'handling=lenient, atomic, return=minimal'],
    ['handling=lenient, return=representation', 'handling=lenient, return=minimal'],
  ])('is shown no profile by a write without the scope to read: %s', async (prefer, applied) => {
    const preferences = prefer === undefined ? {} : { prefer };
    for (const body of ['{}', '{"name":"by a caller"}']) {
      const answer = await call(gateway.origin, `/profiles/${NERM}`, {
        method: 'PATCH',
        headers: { ...MERGE_PATCH, ...bearer(WRITER), ...preferences },
        body,
      });
      expect([answer.status, Object.keys(answer.json)]).toEqual([200, ['write']]);
      expect(answer.headers['preference-applied']).toBe(applied);
    }
  });

  it('explains without the scope to read, but does not read for it', async () => {
    const explain = (query: string, key: string) =>
      call(gateway.origin, `/profiles/${NERM}/explain${query}`, {
        method: 'POST',
        headers: { ...MERGE_PATCH, ...bearer(key) },
        body: '{"name":"by a caller"}',
      });
    expect((await explain('', WRITER)).status).toBe(200);
    const seen = gateway.upstream.length;
    expectProblem(await explain('?read=true', WRITER), 403, 'forbidden');
    expect(gateway.upstream.length).toBe(seen);
    expect((await explain('?read=true', NEW)).json.before).toBeDefined();
  });

  it('may use two keys while one replaces the other', async () => {
    for (const key of [OLD, NEW]) {
      expect((await read(gateway.origin, NERM, bearer(key))).status).toBe(200);
      expect((await write(NERM, bearer(key))).status).toBe(200);
    }
  });

  it('is named in the log, its key is not', async () => {
    const from = gateway.logs.length;
    await read(gateway.origin, NERM, bearer(NEW));
    await write(NERM, bearer(READER));
    await read(gateway.origin, NERM, bearer('unknown-key-0001'));
    const lines = gateway.logs.slice(from);
    expect(lines.map(({ caller, status }) => [caller, status])).toEqual([
      ['rotating', 200],
      ['reader', 403],
      [undefined, 401],
    ]);
    expect(JSON.stringify(gateway.logs)).not.toMatch(/-key-000/);
  });

  it('may ask under any host name', async () => {
    const headers = { ...bearer(READER), host: 'profiles.example.com' };
    expect((await read(gateway.origin, NAVER, headers)).status).toBe(200);
  });

  it('reaches the default target by a bare id', async () => {
    const answer = await read(gateway.origin, NERM.split(':')[1] ?? '', bearer(READER));
    expect(part(answer, 'profile')).toMatchObject({ target: 'nerm-demo', id: NERM.split(':')[1] });
  });
});
