import { describe, expect, it } from 'vitest';
import { problemExample } from '../../../src/http/openapi/examples.ts';
import { checked, checkResponse, type Headers } from './response-check.ts';

const plain = { 'content-type': 'application/json', 'x-request-id': 'r' };
const failed = { ...plain, 'content-type': 'application/problem+json' };
const noRoute = JSON.stringify(problemExample('route_not_found'));
const profile = { id: 'a:1', target: 'a', vendor: 'nerm', upstreamId: '1', name: 'x' };

describe('checkResponse', () => {
  it.each<[string, string, number, Headers, string]>([
    ['GET', '/healthz', 200, plain, '{"status":"ok"}'],
    ['HEAD', '/healthz?x=1', 200, plain, ''],
    ['GET', '/profiles/a%3A1', 200, plain, JSON.stringify({ profile })],
    ['GET', '/profiles/a:1', 304, { ...plain, etag: `"${'0'.repeat(32)}"` }, ''],
    ['GET', '/profiles/a', 404, failed, noRoute],
    ['GET', '/nowhere', 404, failed, JSON.stringify(problemExample('not_found'))],
    ['OPTIONS', '/healthz', 204, { ...plain, allow: 'GET, HEAD, OPTIONS' }, ''],
    [
      'DELETE',
      '/healthz',
      405,
      { ...failed, allow: 'GET, HEAD, OPTIONS' },
      JSON.stringify(problemExample('method_not_allowed')),
    ],
  ])('finds nothing wrong: %s %s %d', (...response) => {
    expect(checkResponse(...response)).toEqual([]);
  });

  it.each<[string, string, string, number, Headers, string]>([
    ['a status', 'GET', '/healthz', 404, failed, noRoute],
    ['a status', 'DELETE', '/healthz', 404, failed, noRoute],
    ['a status', 'GET', '/nowhere', 405, failed, noRoute],
    ['a code', 'GET', '/nowhere', 404, failed, noRoute],
    [
      'a code',
      'GET',
      '/profiles/a',
      404,
      failed,
      noRoute.replaceAll('route_not_found', 'overloaded'),
    ],
    ['a lacking member', 'GET', '/healthz', 200, plain, '{}'],
    ['another member', 'GET', '/healthz', 200, plain, '{"status":"ok","more":1}'],
    ['a vendor', 'GET', '/profiles/a', 200, plain, '{"profile":{"vendor":"nobody"}}'],
    [
      'a lacking header',
      'GET',
      '/profiles/a',
      404,
      { 'content-type': 'application/problem+json' },
      noRoute,
    ],
    ['another header', 'GET', '/profiles/a', 404, { ...failed, 'x-powered-by': 'x' }, noRoute],
    ['a header', 'GET', '/profiles/a', 404, { ...failed, 'retry-after': 'soon' }, noRoute],
    ['a header', 'GET', '/profiles/a', 404, { ...failed, 'x-gateway-sandbox': '2' }, noRoute],
    ['a content type', 'GET', '/profiles/a', 404, plain, noRoute],
    ['a body', 'HEAD', '/healthz', 200, plain, '{"status":"ok"}'],
    ['a body', 'OPTIONS', '/healthz', 204, { ...plain, allow: 'GET' }, '{}'],
    ['no JSON', 'GET', '/healthz', 200, plain, 'ok'],
  ])('finds %s that the document does not tell: %s %s %d', (_, ...response) => {
    expect(checkResponse(...response)).not.toEqual([]);
  });

  it('lets an answer pass, or throws', async () => {
    const answer = { status: 200, headers: plain, text: '{"status":"ok"}' };
    expect(await checked('GET', '/healthz', answer)).toBe(answer);
    await expect(checked('GET', '/healthz', { ...answer, text: '{}' })).rejects.toThrow('status');
  });
});
