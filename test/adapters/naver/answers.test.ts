import { describe, expect, it } from 'vitest';
import adapter from '../../../adapters/naver/index.ts';
import type { HttpResponse, Json, JsonObject } from '../../../src/adapter-kit/index.ts';

const ID = '76da1a8c-0000-4000-8000-cf13dfc49aa6';

function open() {
  const auth = { accessKey: 'EXAMPLEACCESSKEY0001', secretKey: 'example-secret-key-not-real' };
  const opened = adapter.open({ baseUrl: 'https://externalaccess.apigw.ntruss.com', auth });
  if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
  return opened.connection;
}

function answer(status: number, body: Json, headers = {}): HttpResponse {
  return { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}

const shown = (members: JsonObject) => answer(200, { profileId: ID, ...members });

function readWith(response: HttpResponse) {
  const read = open().read(ID);
  read.next();
  const { value, done } = read.next(response);
  if (done !== true) throw new Error('read goes on');
  return value;
}

describe('naver answers', () => {
  const E = (errorCode: Json, message: string) => ({
    error: { errorCode, message, requestId: 'r-1' },
  });
  const G = (errorCode: Json) => ({ error: { errorCode, message: 'title', details: 'why' } });
  it.each<[number, Json, string, string]>([
    [400, G('100'), 'rejected_by_target', 'none'],
    [401, G('200'), 'target_unauthorized', 'none'],
    [401, G(210), 'target_forbidden', 'none'],
    [404, G('300'), 'target_misconfigured', 'none'],
    [429, G(400), 'target_rate_limited', 'none'],
    [413, G('430'), 'rejected_by_target', 'none'],
    [503, G('500'), 'target_unavailable', 'possible'],
    [504, G('510'), 'target_timeout', 'possible'],
    [500, G('900'), 'target_unavailable', 'possible'],
    [200, G('210'), 'target_forbidden', 'possible'],
    [200, E('200', 'x'), 'target_invalid_response', 'possible'],
    [400, E('400', 'bad value'), 'rejected_by_target', 'none'],
    [400, E('9011', 'Profile not found.'), 'profile_not_found', 'none'],
    [400, { errorCode: 30, message: '존재하지 않는 프로필' }, 'profile_not_found', 'none'],
    [400, E('9011', 'Role does not exist'), 'rejected_by_target', 'none'],
    [404, E('9011', 'x'), 'profile_not_found', 'none'],
    [404, '<html>', 'target_misconfigured', 'none'],
    [409, E('9011', 'already used'), 'conflict', 'none'],
    [403, { error: { errorCode: 'Unauthorized', detail: 'no' } }, 'target_forbidden', 'none'],
    [500, { responseError: { returnCode: '900' } }, 'target_unavailable', 'possible'],
    [502, '', 'target_unavailable', 'possible'],
    [200, '{"profileId":"76', 'target_invalid_response', 'possible'],
    [200, '', 'target_invalid_response', 'possible'],
  ])('%i %j is %s', (status, body, code, effect) => {
    expect(readWith(answer(status, body))).toMatchObject({ ok: false, fault: { code, effect } });
  });

  it('are passed on with code, message and request id', () => {
    const headers = { 'x-ncp-trace-id': 't-1' };
    const { classifyFailure } = open();
    expect(classifyFailure(answer(401, G('210'), headers)).upstream).toEqual({
      status: 401,
      code: '210',
      message: 'title: why',
      requestId: 't-1',
    });
    expect(classifyFailure(answer(409, E('9011', 'm'), headers)).upstream?.requestId).toBe('r-1');
    const other = answer(500, { responseError: { returnCode: '900', returnMessage: 'm' } });
    expect(classifyFailure(other).upstream).toEqual({ status: 500, code: '900', message: 'm' });
  });

  it('read with the canonical names, what is missing or empty left out', () => {
    const createTime = '2024-12-13T14:24:45.128+09:00';
    const profile = { enabled: false, description: null, roleNrnList: ['nrn'], createTime };
    expect(readWith(shown(profile))).toEqual({
      ok: true,
      value: {
        upstreamId: ID,
        content: {
          status: 'inactive',
          extensions: { naver: { roleNrnList: ['nrn'] } },
          createdAt: '2024-12-13T05:24:45.128Z',
        },
      },
    });
  });
});
