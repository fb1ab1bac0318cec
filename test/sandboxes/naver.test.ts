import { describe, expect, it } from 'vitest';
import {
  DISABLED_ID,
  HANGUL_ID,
  ID,
  KEEP,
  NOW_MS,
  ORIGIN,
  OWN_NRN,
  PATH,
  type Sent,
  serviceError,
  start,
} from './naver-requests.ts';

describe('naver sandbox, reading', () => {
  it('answers the nine fields of the seeded profile', async () => {
    const { status, headers, body } = await start().send();
    expect(status).toBe(200);
    expect(headers.get('x-ncp-trace-id')).toBe('sandbox-1');
    expect(body).toEqual({
      profileId: ID,
      profileNrn: `nrn:PUB:ExternalAccess::1234567:Profile/${ID}`,
      name: 'profile000',
      description: 'nightly builds',
      enabled: true,
      durationSeconds: 1800,
      roleNrnList: [OWN_NRN],
      createTime: '2024-12-13T14:24:45.128+09:00',
      updateTime: '2024-12-13T14:24:45.128+09:00',
    });
  });

  it('keeps a name that today is refused', async () => {
    const { send, patch } = start();
    const read = await send({ path: `/naver/api/v1/profiles/${HANGUL_ID}` });
    expect(read.body.name).toBe('빌드서버');
    const edited = await patch({ description: '새 설명', roleIdList: null }, HANGUL_ID);
    expect(edited.status).toBe(200);
    expect(edited.body).toMatchObject({ name: '빌드서버', description: '새 설명' });
    expect(edited.body.roleNrnList).toEqual(read.body.roleNrnList);
  });

  it('answers 400 for an id that does not exist', async () => {
    const { send } = start();
    for (const id of [ID.replace('6da', '6db'), 'x', '76da1a8c', ID.toUpperCase()]) {
      const path = `/naver/api/v1/profiles/${id}`;
      expect(await send({ path })).toMatchObject({ status: 400, body: serviceError });
      const body = { description: 'x' };
      expect(await send({ method: 'PATCH', path, body })).toMatchObject({ status: 400 });
      expect(await send({ method: 'POST', path: `${path}/enable` })).toMatchObject({ status: 400 });
    }
  });
});

describe('naver sandbox, API gateway', () => {
  const limitMs = 5 * 60 * 1000;
  const refusals: [string, Sent, number, string][] = [
    ['no timestamp', { without: 'x-ncp-apigw-timestamp' }, 401, '200'],
    ['no access key', { without: 'x-ncp-iam-access-key' }, 401, '200'],
    ['no signature', { without: 'x-ncp-apigw-signature-v2' }, 401, '200'],
    ['an unknown access key', { accessKey: 'SANDBOXNCPACCESSKEY2' }, 401, '200'],
    ['another secret', { secretKey: 'sandbox-ncp-secret-keY' }, 401, '200'],
    ['a clock 5 minutes slow', { timestampMs: NOW_MS - limitMs }, 401, '200'],
    ['a clock 5 minutes fast', { timestampMs: NOW_MS + limitMs }, 401, '200'],
    ['a timestamp that is no decimal', { timestampMs: `0x${NOW_MS.toString(16)}` }, 401, '200'],
    ['a path signed without its prefix', { signedPath: PATH.slice('/naver'.length) }, 401, '200'],
    ['an unsigned query', { path: `${PATH}?a=1`, signedPath: PATH }, 401, '200'],
    ['a decoded query', { path: `${PATH}?a=%20`, signedPath: `${PATH}?a= ` }, 401, '200'],
    ['an unknown path', { path: `${PATH}/roles`, method: 'POST' }, 404, '300'],
    ['a doubled slash', { path: PATH.replace('v1/', 'v1//') }, 404, '300'],
    ['another version', { path: PATH.replace('v1', 'v2') }, 404, '300'],
    ['a path without the prefix', { path: PATH.slice('/naver'.length) }, 404, '300'],
    ['a method that is not there', { method: 'PUT', body: {} }, 404, '300'],
    ['a path that is no encoding', { path: PATH.replace('76', '%FF') }, 400, '100'],
    ['a body that is too long', { method: 'PATCH', bytes: 'x'.repeat(65_537) }, 413, '430'],
    [
      'a write with a key that may only read',
      {
        method: 'PATCH',
        body: { description: 'x' },
        accessKey: 'SANDBOXNCPVIEWERKEY1',
        secretKey: 'sandbox-ncp-viewer-key',
      },
      401,
      '210',
    ],
  ];
  it.each(refusals)('refuses %s', async (_name, sent, status, errorCode) => {
    const { send, sandbox } = start();
    const answer = await send(sent);
    expect(answer.status).toBe(status);
    expect(answer.body.error).toMatchObject({ errorCode, message: expect.any(String) });
    expect(answer.body.error).not.toHaveProperty('requestId');
    expect(answer.headers.get('content-type')).toBe('text/plain');
    expect(sandbox.journal()).toEqual([]);
  });

  const admitted: [string, Sent][] = [
    ['a clock just under 5 minutes slow', { timestampMs: NOW_MS - limitMs + 1 }],
    ['a signed query, encoded as sent', { path: `${PATH}?b=%20&a=1` }],
    [
      'a read with a key that may only read',
      { accessKey: 'SANDBOXNCPVIEWERKEY1', secretKey: 'sandbox-ncp-viewer-key' },
    ],
  ];
  it.each(admitted)('admits %s', async (_name, sent) => {
    expect(await start().send(sent)).toMatchObject({ status: 200, body: { profileId: ID } });
  });

  it('measures the timestamp against its own clock', async () => {
    const { clock, send } = start();
    clock.nowMs += limitMs;
    expect((await send()).status).toBe(401);
    expect((await send({ timestampMs: clock.nowMs })).status).toBe(200);
  });
});

describe('naver sandbox, switching', () => {
  it.each([
    ['disable', ID, true, false],
    ['enable', DISABLED_ID, false, true],
    ['enable', ID, true, true],
    ['disable', DISABLED_ID, false, false],
  ])('POST %s of %s: %s to %s', async (operation, id, from, to) => {
    const { send, sandbox } = start();
    const before = sandbox.stored(id);
    expect(before).toMatchObject({ enabled: from });
    const path = `/naver/api/v1/profiles/${id}/${operation}`;
    const { status, body } = await send({ method: 'POST', path });
    expect(status).toBe(200);
    expect(body).toEqual({ ...before, enabled: to, updateTime: body.updateTime });
    expect(sandbox.stored(id)).toEqual(body);
    expect(sandbox.journal()).toHaveLength(from === to ? 0 : 1);
  });

  it('takes no body', async () => {
    const answer = await start().send({ method: 'POST', path: `${PATH}/disable`, body: {} });
    expect(answer).toMatchObject({ status: 400, body: serviceError });
  });
});

describe('naver sandbox, for tests', () => {
  it('journals changes by request and from outside, with both states', async () => {
    const { clock, patch, sandbox } = start();
    const first = sandbox.stored(ID);
    await patch({ ...KEEP, name: 'abc' });
    const second = sandbox.stored(ID);
    clock.nowMs += 1000;
    sandbox.outsideWrite(ID, { description: 'by hand' });
    sandbox.outsideWrite(ID, { description: 'by hand' });
    const third = sandbox.stored(ID);
    expect(third).toMatchObject({ name: 'abc', updateTime: '2026-02-03T04:05:07.789+09:00' });
    expect(sandbox.journal()).toEqual([
      { sequence: 1, atMs: NOW_MS, id: ID, by: 'request', before: first, after: second },
      { sequence: 2, atMs: NOW_MS + 1000, id: ID, by: 'outside', before: second, after: third },
    ]);
  });

  it('seeds over the values of the seeded profile', async () => {
    const { send, sandbox } = start();
    const id = '11111111-0000-4000-8000-000000000001';
    sandbox.seed(id, { name: 'other', roleNrnList: [] });
    const { body } = await send({ path: `/naver/api/v1/profiles/${id}` });
    expect(body).toMatchObject({ profileId: id, name: 'other', durationSeconds: 1800 });
    expect(body.profileNrn).toMatch(new RegExp(`${id}$`));
    expect(sandbox.journal()).toEqual([]);
  });

  it('refuses fields that the vendor does not have', () => {
    const { sandbox } = start();
    expect(() => sandbox.outsideWrite(ID, { colour: 'red' })).toThrow();
    expect(() => sandbox.seed(ID, { durationSeconds: 'x' })).toThrow();
    expect(() => sandbox.outsideWrite('none', { name: 'x' })).toThrow();
  });

  it('keeps two sandboxes apart', () => {
    const [one, other] = [start().sandbox, start().sandbox];
    one.outsideWrite(ID, { name: 'changed' });
    expect(other.stored(ID)).toMatchObject({ name: 'profile000' });
  });

  it('offers a demo of its own seeded profile and key', async () => {
    const { send, sandbox } = start();
    expect(sandbox.demo?.target).toBe('naver-demo');
    const configuration = sandbox.demo?.configuration(ORIGIN);
    expect(configuration).toEqual({
      vendor: 'naver',
      baseUrl: `${ORIGIN}/naver`,
      auth: { accessKey: 'SANDBOXNCPACCESSKEY1', secretKey: 'sandbox-ncp-secret-key' },
    });
    const { body } = await send({ path: `/naver/api/v1/profiles/${sandbox.demo?.id}` });
    expect(body.description).not.toBe(sandbox.demo?.patch.description);
  });
});
