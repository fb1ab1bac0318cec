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

  const TIMES = {
    expires_at: '2026-03-01T13:00:00.500000Z',
    issued_at: '2026-03-01T12:00:00.000000Z',
  };
  const date = 'Sun, 01 Mar 2026 12:30:00 GMT';
  const endMs = Date.parse('2026-03-01T13:00:00.500Z');
  test.each([
    ['from its issue to its end', TIMES, { date }, { expiresInSeconds: 3600.5 }],
    ['from the response', { ...TIMES, issued_at: 0 }, { date }, { expiresInSeconds: 1800.5 }],
    ['to a moment', { ...TIMES, issued_at: 0 }, {}, { expiresAtMs: endMs }],
    ['to a moment that is all', { expires_at: TIMES.expires_at }, {}, { expiresAtMs: endMs }],
    ['for a time that nobody states', { ...TIMES, expires_at: 'soon' }, { date }, {}],
  ])('lives %s, by the clock of Keystone', (_, token, sent, lifetime) => {
    const headers = { 'x-subject-token': 'gAAA', ...sent };
    const { ok, ...end } = tokenAfter({ status: 201, headers, body: JSON.stringify({ token }) });
    expect(end).toEqual({ value: { headers: { 'x-auth-token': 'gAAA' }, ...lifetime } });
    expect(ok).toBe(true);
  });
});
