import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { jsonLines } from '../../../src/telemetry/log.ts';
import { type Call, call, MERGE_PATCH, sendRaw } from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import {
  IAM,
  iamTarget,
  NAVER,
  NERM,
  nermTarget,
  SENLIN,
  upstreamIdOf,
} from '../../support/profiles.ts';

const KEY = 'caller-key-CANARY-1';
const authorization = `Bearer ${KEY}`;

/** Every value of these holds CANARY; keys are pointers and may be told. */
const requests: [string, string, Call][] = [
  ['read', `/profiles/${SENLIN}`, {}],
  ['applied', `/profiles/${NERM}`, write({ name: 'CANARY', attributes: { remarks: 'CANARY' } })],
  [
    'losses',
    `/profiles/${NERM}`,
    write({ description: 'CANARY', name: 'CANARY2' }, 'handling=lenient'),
  ],
  [
    'coerced',
    `/profiles/${NERM}`,
    write({ attributes: { remarks: 7351_7351 } }, 'handling=lenient'),
  ],
  ['two steps', `/profiles/${NAVER}`, write({ description: 'CANARY', status: 'inactive' })],
  [
    'partial',
    `/profiles/${NAVER}`,
    write(
      { name: 'CANARY CANARY', status: 'inactive', attributes: { lost: 'x' } },
      'handling=lenient',
    ),
  ],
  ['renewed token', `/profiles/${IAM}`, write({ description: 'CANARY' })],
  ['unsupported', `/profiles/${NAVER}`, write({ attributes: { a: 'CANARY' } })],
  ['invalid', `/profiles/${NAVER}`, write({ status: 'CANARY' })],
  ['refused by vendor', `/profiles/${NERM}`, write({ attributes: { end_date: 'CANARY' } })],
  ['malformed', `/profiles/${NERM}`, { ...write({}), body: '{"name":"CANARY' }],
  ['other type', `/profiles/${NERM}`, { method: 'PATCH', body: 'CANARY' }],
  ['precondition', `/profiles/${NERM}`, write({ name: 'x' }, undefined, '"CANARY"')],
  [
    'missing',
    `/profiles/nerm-demo:00000000-0000-4000-8000-000000000000`,
    write({ name: 'CANARY' }),
  ],
  ['wrong credentials', `/profiles/nerm-wrong:${upstreamIdOf(NERM)}`, write({ name: 'CANARY' })],
  ['wrong password', `/profiles/iam-wrong:${upstreamIdOf(IAM)}`, write({ description: 'CANARY' })],
  ['method', `/profiles/${NERM}`, { method: 'DELETE' }],
  ['path', '/CANARY?CANARY=CANARY', {}],
  ['query', `/profiles/${NERM}?token=CANARY`, {}],
  ['no caller', `/profiles/${NERM}`, { headers: { authorization: 'Bearer CANARY' } }],
  ['unclean id', '/healthz', { headers: { 'x-request-id': '"CANARY"' } }],
  ['head', `/profiles/${NERM}`, { method: 'HEAD' }],
  ['options', `/profiles/${NERM}`, { method: 'OPTIONS' }],
  ['bad id', '/profiles/%ff', {}],
  ['capabilities', '/capabilities', {}],
];

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await startGateway({
    callers: { canary: { key: KEY, scopes: ['profiles:read', 'profiles:write'] } },
    targets: {
      'nerm-wrong': nermTarget({}, 'CANARY-nerm-token'),
      'iam-wrong': iamTarget('iam', 'CANARY-password'),
    },
  });
});
afterAll(() => gateway.stop());

describe('the log', () => {
  it.each(requests)('has one line for a request: %s', async (name, path, options) => {
    const from = gateway.logs.length;
    const requestId = name.replaceAll(' ', '-');
    const headers = { authorization, 'x-request-id': requestId, ...options.headers };
    const answer = await call(gateway.origin, path, { ...options, headers });
    const added = gateway.logs.slice(from);
    expect(added).toHaveLength(1);
    expect(added[0]).toMatchObject({
      level: answer.status >= 500 ? 'error' : 'info',
      event: 'request',
      requestId: answer.headers['x-request-id'],
      method: options.method ?? 'GET',
      status: answer.status,
    });
    expect(added[0]?.durationMs).toBeGreaterThanOrEqual(0);
    if (answer.status >= 400 && answer.text !== '') {
      expect(added[0]?.code).toBe(answer.json.code);
      expect(added[0]?.outcome).toBe(answer.json.outcome);
    }
    const isNew = answer.headers['x-request-id'] !== requestId;
    expect(isNew).toBe(name === 'unclean id');
  });

  it('has one line for each of many at once, each with its own id', async () => {
    const from = gateway.logs.length;
    const ids = Array.from({ length: 60 }, (_, i) => `parallel-${i}`);
    const headers = { authorization };
    await Promise.all(
      ids.map((id) =>
        call(gateway.origin, `/profiles/${SENLIN}`, {
          headers: { ...headers, 'x-request-id': id },
        }),
      ),
    );
    const logged = gateway.logs.slice(from).map(({ requestId }) => requestId);
    expect(logged.toSorted()).toEqual(ids.toSorted());
  });

  it('has one line for a request whose caller has gone, and the write is done', async () => {
    const from = gateway.logs.length;
    const release = gateway.holdUpstream();
    const body = '{"name":"CANARY left alone"}';
    const head = [
      `PATCH /profiles/${NERM} HTTP/1.1`,
      'Host: localhost',
      `Authorization: ${authorization}`,
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
    ];
    expect(await sendRaw(gateway.origin, `${head.join('\r\n')}\r\n\r\n${body}`, 300)).toBe('');
    expect(gateway.logs.length).toBe(from);
    release();
    await expect.poll(() => gateway.logs.length).toBe(from + 1);
    expect(gateway.logs[from]).toMatchObject({ status: 200, outcome: 'applied', id: NERM });
    const stored = gateway.sandbox('nerm').stored(upstreamIdOf(NERM));
    expect(stored).toMatchObject({ name: 'CANARY left alone' });
  });

  it('holds no value of a patch, no secret, no token and no query', () => {
    const lines: string[] = [];
    const toLine = jsonLines(Date.now, (line) => lines.push(line));
    for (const record of gateway.logs) toLine(record);
    const text = lines.join('\n');
    expect(lines.length).toBeGreaterThan(requests.length);
    expect(text.match(/.{0,80}CANARY.{0,80}/)).toBeNull();
    expect(text.match(/.{0,80}73517351.{0,80}/)).toBeNull();
    for (const { connection } of gateway.targets.values()) {
      for (const { value } of connection.secrets) expect(text).not.toContain(value);
    }
    expect(text).not.toMatch(/Bearer|MII|x-auth-token|authorization|signature/i);
    for (const line of lines) expect(line).not.toMatch(/[\r\n]/);
  });

  it('tells the pointers, the losses and every request to the vendor', () => {
    const of = (id: string) => gateway.logs.find(({ requestId }) => requestId === id);
    expect(of('losses')).toMatchObject({
      caller: 'canary',
      target: 'nerm-demo',
      id: NERM,
      outcome: 'applied',
      pointers: ['/description', '/name'],
      losses: ['/description'],
    });
    const write = { purpose: 'write', method: 'PATCH', status: 200 };
    expect(of('losses')?.steps?.at(-1)).toMatchObject(write);
    expect(of('wrong-password')?.steps).toMatchObject([{ purpose: 'token', status: 401 }]);
    expect(of('partial')).toMatchObject({
      code: 'partially_applied',
      outcome: 'partial',
      losses: ['/attributes/lost'],
    });
  });
});

function write(patch: object, prefer?: string, ifMatch?: string): Call {
  return {
    method: 'PATCH',
    headers: {
      ...MERGE_PATCH,
      ...(prefer === undefined ? {} : { prefer }),
      ...(ifMatch === undefined ? {} : { 'if-match': ifMatch }),
    },
    body: JSON.stringify(patch),
  };
}
