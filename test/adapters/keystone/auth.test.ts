import { describe, expect, test } from 'vitest';
import { keystoneAuthorization } from '../../../adapters/keystone/auth.ts';
import type { HttpResponse, Result, Token } from '../../../src/adapter-kit/index.ts';

const credential = {
  method: 'password',
  url: 'https://keystone.example/v3',
  username: 'gateway',
  password: 'pass word ',
  userDomain: 'Default',
  domain: 'Default',
} as const;

/** Result of the request for a token that is answered with `response`. */
function tokenAfter(response: HttpResponse): Result<Token> {
  const authorization = keystoneAuthorization(credential);
  if (authorization.kind !== 'token') throw new Error('no token is requested');
  const conversation = authorization.acquire();
  conversation.next();
  const end = conversation.next(response);
  if (end.done !== true) throw new Error('the conversation goes on');
  return end.value;
}

describe('a token', () => {
  test.each(['', 'gAAA\u00e9', 'gAAA BBB'])('that no header carries is invalid: "%s"', (token) => {
    const headers = { 'x-subject-token': token };
    expect(tokenAfter({ status: 201, headers, body: '{"token":{}}' })).toMatchObject({
      ok: false,
      fault: { code: 'target_invalid_response' },
    });
  });

  test('is sent as it was issued', () => {
    const headers = { 'x-subject-token': 'gAAA-_=' };
    expect(tokenAfter({ status: 201, headers, body: '{"token":{}}' })).toEqual({
      ok: true,
      value: { headers: { 'x-auth-token': 'gAAA-_=' } },
    });
  });
});
