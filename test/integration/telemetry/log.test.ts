import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import {
  boundedPointers,
  isLogged,
  jsonLines,
  LOG_LEVELS,
  type LogRecord,
  readLogLevel,
} from '../../../src/telemetry/log.ts';
import { bodyExcerpt, createRedactor } from '../../../src/telemetry/redactor.ts';
import { passTracesOn } from '../../../src/telemetry/tracing.ts';
import { patch, read } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import { IAM, NERM, SENLIN, upstreamIdOf } from '../../support/profiles.ts';

const TOKEN = 'echoed-token-CANARYSECRET-0001';
const KEY = 'caller-key-CANARYSECRET-0002';
const headers = { authorization: `Bearer ${KEY}` };
const ECHO = `echo:${upstreamIdOf(NERM)}`;

let gateway: RunningGateway;
let echo: Server;

/** A vendor that puts what it was sent, and secrets of its own, into its answers. */
beforeAll(async () => {
  echo = createServer((request, response) => {
    const { authorization } = request.headers;
    const own = { api_key: 'CANARYSECRET-0003', nested: { Password: 'CANARYSECRET-0004"x' } };
    const padding = 'é'.repeat(4_000);
    response.end(JSON.stringify({ echo: authorization, ...own, padding }));
  });
  await new Promise<void>((resolve) => echo.listen(0, '127.0.0.1', resolve));
  const { port } = echo.address() as AddressInfo;
  const auth = { method: 'token', token: TOKEN };
  gateway = await startGateway({
    callers: { canary: { key: KEY, scopes: ['profiles:read', 'profiles:write'] } },
    targets: { echo: () => ({ vendor: 'nerm', baseUrl: `http://127.0.0.1:${port}`, auth }) },
    routes: [{ match: { id: 'e-*' }, to: 'nerm-demo' }],
    links: { 'e-1': { 'nerm-demo': upstreamIdOf(NERM) } },
    signals: { logLevel: 'debug', tracer: passTracesOn(Math.random) },
  });
});
afterAll(async () => {
  await gateway.stop();
  echo.closeAllConnections();
  echo.close();
});

async function logsOf(requestId: string, id: string, body?: JsonObject): Promise<LogRecord[]> {
  const sent = { ...headers, 'x-request-id': requestId, traceparent: TRACEPARENT };
  if (body === undefined) await read(gateway.origin, id, sent);
  else await patch(gateway.origin, id, body, { ...sent, prefer: 'handling=lenient' });
  return gateway.logs.filter((record) => record.requestId === requestId);
}

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const TRACEPARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;

describe('the line of a request', () => {
  it('tells all there is to tell of a write', async () => {
    const attributes = { remarks: 'CANARYVALUE' };
    const logs = await logsOf('write', 'e-1', { description: 'CANARYVALUE', attributes });
    expect(logs.at(-1)).toEqual({
      level: 'info',
      event: 'request',
      requestId: 'write',
      writeId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      traceId: TRACE_ID,
      caller: 'canary',
      id: 'e-1',
      target: 'nerm-demo',
      rule: 'routes.0',
      method: 'PATCH',
      status: 200,
      version: expect.any(String),
      outcome: 'applied',
      evidence: 'response',
      pointers: ['/description', '/attributes/remarks'],
      losses: ['/description'],
      unconfirmed: [],
      steps: [{ purpose: 'write', method: 'PATCH', status: 200, durationMs: expect.any(Number) }],
      upstreamMs: expect.any(Number),
      durationMs: expect.any(Number),
    });
    const { durationMs = 0, upstreamMs = Infinity } = logs.at(-1) ?? {};
    expect(upstreamMs).toBeLessThanOrEqual(durationMs);
    expect(JSON.stringify(logs.at(-1))).not.toContain('CANARYVALUE');
  });

  it('names the target also where nothing was sent', async () => {
    const refused = await logsOf('refused', SENLIN, { status: 'active' });
    expect(refused).toMatchObject([
      { target: 'senlin-demo', code: 'unsupported_patch', pointers: ['/status'] },
    ]);
    expect(refused[0]).not.toHaveProperty('steps');
  });

  it('hides a secret of the target that a caller wrote into it', async () => {
    const logs = await logsOf('in-key', ECHO, { attributes: { [TOKEN]: 'x' } });
    expect(logs.at(-1)?.pointers).toEqual(['/attributes/«secret:auth.token»']);
  });
});

describe('the answer of a vendor', () => {
  it('has a line of its own at level debug, its begin without secrets', async () => {
    const [line] = await logsOf('echo', ECHO);
    const { body = '' } = line ?? {};
    expect(line).toMatchObject({
      level: 'debug',
      event: 'upstream',
      requestId: 'echo',
      traceId: TRACE_ID,
      target: 'echo',
      step: 'read',
      status: 200,
    });
    expect(body).toContain('"echo":"Bearer «secret:auth.token»"');
    expect(body).toContain('"api_key":"«secret»"');
    expect(body).toContain('"Password":"«secret»"');
    expect(body).not.toContain('CANARYSECRET');
    expect(new TextEncoder().encode(body).length).toBeLessThanOrEqual(2_048);
    expect(body.length).toBeGreaterThan(1_000);
    expect(body).not.toContain('�');
  });

  it('has none where it is a token', async () => {
    const logs = await logsOf('token', IAM);
    expect(logs.map(({ event, step }) => step ?? event)).toEqual(['read', 'request']);
    expect(logs.at(-1)?.steps?.map(({ purpose }) => purpose)).toEqual(['token', 'read']);
  });

  it('has none at another level', async () => {
    const quiet = await startGateway({});
    try {
      await read(quiet.origin, NERM);
      expect(quiet.logs.map(({ event }) => event)).toEqual(['request']);
      expect(quiet.logs[0]).not.toHaveProperty('traceId');
    } finally {
      await quiet.stop();
    }
  });
});

test('no line holds a secret or a token', async () => {
  await logsOf('senlin', SENLIN);
  const lines: string[] = [];
  const write = jsonLines(Date.now, (line) => lines.push(line));
  for (const record of gateway.logs) write(record);
  const text = lines.join('\n');
  expect(lines.length).toBeGreaterThan(8);
  expect(text).not.toContain('CANARYSECRET');
  for (const { connection } of gateway.targets.values()) {
    for (const { value } of connection.secrets) expect(text).not.toContain(value);
  }
});

test.each([
  ['{"password": "a\\"b", "x": 1}', '{"password": "«secret»", "x": 1}'],
  ['{"client_secret":12345,"x":1}', '{"client_secret":"«secret»","x":1}'],
  ['{"accessKey":"a","keyboard":"b"}', '{"accessKey":"«secret»","keyboard":"b"}'],
  ['{"token":"never ends', '{"token":"«secret»"'],
  ['{"token":"never ends\\', '{"token":"«secret»"'],
  ['{"token":{"id":"a"},"X-Auth-Token":"b"}', '{"token":{"id":"a"},"X-Auth-Token":"«secret»"}'],
  ['<html>no JSON</html>', '<html>no JSON</html>'],
])('secrets are known by their names: %s', (body, shown) => {
  expect(bodyExcerpt(body, createRedactor([]))).toBe(shown);
});

test('a secret that would be cut is hidden before', () => {
  const secret = 'CANARY'.repeat(20);
  const redactor = createRedactor([{ name: 'key', value: secret }]);
  for (let at = 1_900; at < 2_060; at += 7) {
    const shown = bodyExcerpt(`${'x'.repeat(at)}${secret}`, redactor);
    expect(shown).not.toContain('CANARY');
  }
});

test('the level of a configuration is that of its requests, unless the runtime tells one', async () => {
  const lines = async (level: string, ports: object): Promise<unknown[]> => {
    const logged = await startGateway({ logLevel: level, signals: ports });
    try {
      await read(logged.origin, NERM);
      await read(logged.origin, 'nobody:1');
      return logged.logs.map(({ event, level: at }) => `${at} ${event}`);
    } finally {
      await logged.stop();
    }
  };
  expect(await lines('debug', {})).toEqual(['debug upstream', 'info request', 'info request']);
  expect(await lines('error', {})).toEqual([]);
  expect(await lines('error', { logLevel: 'info' })).toEqual(['info request', 'info request']);
});

test('levels', () => {
  expect(readLogLevel('WARN')).toBe('warn');
  expect(readLogLevel('verbose')).toBeUndefined();
  expect(readLogLevel(undefined)).toBeUndefined();
  expect(LOG_LEVELS.filter((level) => isLogged(level, 'warn'))).toEqual(['warn', 'error']);
});

test('the pointers of a line are bounded', () => {
  const many = Array.from({ length: 105 }, (_, i) => `/attributes/${i}`);
  expect(boundedPointers(many)).toEqual([...many.slice(0, 100), '… 5 more']);
  expect(boundedPointers([`/${'a'.repeat(500)}`])).toEqual([`/${'a'.repeat(255)}…`]);
});
