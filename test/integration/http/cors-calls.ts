import { expect } from 'vitest';
import { type Answer, call, MERGE_PATCH } from '../../support/client.ts';

/** The one origin that the configuration lists. */
export const PAGE = 'https://app.example.com';
const OTHERS = [
  'https://app.example.com.evil.example',
  'https://app.example.com:8443',
  'http://app.example.com',
  'https://APP.example.com',
  'null',
];
/** Headers that a page needs, as the issue of the client names them. */
const NEEDED =
  'X-Write-Id X-Request-Id ETag Link Location Retry-After RateLimit Idempotency-Replayed';

/** The headers of an answer that a browser judges by, but `Vary`. */
export function corsHeaders({ headers }: Answer): string[] {
  return Object.keys(headers).filter((name) => name.startsWith('access-control-'));
}

function preflight(origin: string, path: string, page: string): Promise<Answer> {
  const headers = {
    origin: page,
    'access-control-request-method': 'PATCH',
    'access-control-request-headers': 'authorization,content-type,x-tenant',
  };
  return call(origin, path, { method: 'OPTIONS', headers });
}

/** Checks that pages of `PAGE` may read and write the profile `id`, and no other pages. */
export async function expectOnlyPage(
  origin: string,
  id: string,
  credentials: Readonly<Record<string, string>>,
): Promise<void> {
  const path = `/profiles/${id}`;
  const asked = await preflight(origin, path, PAGE);
  expect([asked.status, asked.headers]).toMatchObject([
    204,
    {
      'access-control-allow-origin': PAGE,
      'access-control-allow-headers': 'authorization,content-type,x-tenant',
      'access-control-max-age': '600',
    },
  ]);
  expect(asked.headers['access-control-allow-methods']).toContain('PATCH');
  expect(asked.headers.vary).toContain('Origin');

  const headers = { ...credentials, origin: PAGE };
  const written = { ...headers, ...MERGE_PATCH };
  const answers = [
    await call(origin, path, { headers }),
    await call(origin, path, { method: 'PATCH', headers: written, body: '{"name":"from-a-page"}' }),
    await call(origin, path, { headers: { origin: PAGE, authorization: 'Bearer wrong' } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401]);
  for (const answer of answers) {
    expect(answer.headers['access-control-allow-origin']).toBe(PAGE);
    expect(answer.headers).not.toHaveProperty('access-control-allow-credentials');
    const exposed = String(answer.headers['access-control-expose-headers']).split(', ');
    for (const name of NEEDED.split(' ')) expect(exposed).toContain(name);
  }
  for (const page of OTHERS) {
    const others = { headers: { ...credentials, origin: page } };
    for (const answer of [await preflight(origin, path, page), await call(origin, path, others)]) {
      expect([page, corsHeaders(answer), answer.headers.vary]).toEqual([page, [], 'Origin']);
    }
  }
  for (const other of ['/admin/targets', '/admin/config', '/openapi.json', '/readyz']) {
    for (const answer of [
      await preflight(origin, other, PAGE),
      await call(origin, other, { headers }),
    ]) {
      expect([other, corsHeaders(answer)]).toEqual([other, []]);
    }
  }
}
