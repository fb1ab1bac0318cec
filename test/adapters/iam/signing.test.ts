import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import {
  authorization,
  canonicalRequest,
  sdkDate,
  signRequest,
} from '../../../adapters/iam/sign.ts';
import type { HttpRequest } from '../../../src/adapter-kit/conversation.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { createWebDigests, HMAC_KEYS_MAX } from '../../../src/workers/web-crypto-digests.ts';

const EMPTY_HASH = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

/** The worked example of the API Request Signing Guide. */
const guide = {
  signable: {
    method: 'GET',
    path: '/v1/77b6a44cba5143ab91d13ab9a8ff44fd/vpcs?limit=2&marker=13551d6b-755d-4757-b956-536f674975c0',
    headers: {
      'content-type': 'application/json',
      host: 'service.region.example.com',
      'x-sdk-date': '20191115T033655Z',
    },
  },
  body: '',
  dateTime: '20191115T033655Z',
  key: {
    accessKey: 'QTWAOYTTINDUT2QVKYUC',
    secretKey: 'MFyfvK41ba2giqM7Uio6PznpdUKGpownRZlmVmHc',
  },
  signature: '7be6668032f70418fcc22abc52071e57aff61b84a1d2381bb430d6870f4f6ebe',
};

/** The two vectors of huaweicloud-sdk-go-v3, core/auth/signer/signer_test.go. */
const goKey = { accessKey: 'AccessKey', secretKey: 'SecretKey' };
const goDate = '20060102T150405Z';
const vectors = [
  guide,
  {
    signable: { method: 'GET', path: '/path?limit=1', headers: { 'X-Sdk-Date': goDate } },
    body: '',
    dateTime: goDate,
    key: goKey,
    signature: '5a2ce64c865e0e6046321c6f3d5a77ba8413eeaf355c3166c03d58d02ac79624',
  },
  {
    signable: { method: 'POST', path: '/path?key=value', headers: { 'X-Sdk-Date': goDate } },
    body: '{"Name":"test","Id":1}\n',
    dateTime: goDate,
    key: goKey,
    signature: 'cecc2af119b18ab70b4d094c0750f3b42c02f254903179a0fc2cc72fc9db4f59',
  },
];

describe.each([
  ['node', nodeDigests],
  ['web', createWebDigests()],
])('with %s digests', (_name, digests) => {
  test.each(vectors)('the published signature $signature', async (vector) => {
    const { signable, body, dateTime, key } = vector;
    expect(await authorization(signable, body, dateTime, key, digests)).toMatch(
      new RegExp(`Signature=${vector.signature}$`),
    );
  });

  test('the digests agree on text outside ASCII and on a broken surrogate', async () => {
    const text = 'Grüße \u{1f600} \ud800';
    expect(await digests.sha256Hex(text)).toBe(await nodeDigests.sha256Hex(text));
    for (const form of ['base64', 'hex'] as const) {
      const mac = createHmac('sha256', 'ключ').update(text).digest(form);
      expect(await digests.hmacSha256('ключ', text, form)).toBe(mac);
    }
  });

  test.each([
    ['an empty text', 'key', ''],
    ['a key as long as a block', 'k'.repeat(64), 'text'],
    ['a longer key', 'é'.repeat(33), 'text'],
    ['a long text', 'key', 'text'.repeat(1000)],
    ['a text of the longest characters', 'key', '\uffff'.repeat(341)],
  ])('the digests take %s', async (_title, key, text) => {
    const mac = createHmac('sha256', key).update(text).digest('hex');
    expect(await digests.hmacSha256(key, text, 'hex')).toBe(mac);
    expect(await digests.hmacSha256(key, text, 'hex')).toBe(mac);
  });

  test('signRequest names the headers it signed', async () => {
    const headers = await signRequest(patch, account, { nowMs: 0, digests });
    expect(headers).toEqual({
      'x-sdk-date': '19700101T000000Z',
      'x-domain-id': 'd0',
      authorization: expect.stringMatching(
        /^SDK-HMAC-SHA256 Access=AK, SignedHeaders=content-type;host;x-domain-id;x-sdk-date, Signature=[0-9a-f]{64}$/,
      ),
    });
  });
});

const account = { accessKey: 'AK', secretKey: 'SK', domainId: 'd0' };
const patch: HttpRequest = {
  method: 'PATCH',
  origin: 'https://iam.example.com:443',
  path: '/v3/projects/p1',
  headers: { 'content-type': 'application/json', accept: 'application/json' },
  body: '{"project":{"description":"é"}}',
};

test('the canonical request of the guide hashes to the published value', () => {
  const { signable } = guide;
  expect(nodeDigests.sha256Hex(canonicalRequest(signable, EMPTY_HASH))).toBe(
    'b25362e603ee30f4f25e7858e8a7160fd36e803bb2dfe206278659d71a9bcd7a',
  );
});

test('signing is synchronous with synchronous digests', () => {
  const signed = signRequest(patch, account, { nowMs: 0, digests: nodeDigests });
  expect(signed).not.toBeInstanceOf(Promise);
});

test('the signed host is the one the transport sends: no default port, any other kept', () => {
  const direct = (host: string) =>
    authorization(
      {
        method: 'PATCH',
        path: patch.path,
        headers: {
          host,
          'content-type': 'application/json',
          'x-domain-id': 'd0',
          'x-sdk-date': '19700101T000000Z',
        },
      },
      patch.body ?? '',
      '19700101T000000Z',
      account,
      nodeDigests,
    );
  const signed = (origin: string) =>
    signRequest({ ...patch, origin }, account, { nowMs: 0, digests: nodeDigests });
  expect(signed('https://iam.example.com:443')).toHaveProperty(
    'authorization',
    direct('iam.example.com'),
  );
  expect(signed('http://127.0.0.1:8788')).toHaveProperty('authorization', direct('127.0.0.1:8788'));
});

test('content-type is signed only where the request has one, a body that is absent as empty', () => {
  const { body: _body, ...bare } = { ...patch, method: 'GET' as const, headers: {} };
  const signed = (request: HttpRequest) =>
    signRequest(request, account, { nowMs: 0, digests: nodeDigests });
  expect(signed(bare)).toHaveProperty(
    'authorization',
    expect.stringContaining('SignedHeaders=host;x-domain-id;x-sdk-date,'),
  );
  expect(signed(bare)).toEqual(signed({ ...bare, body: '' }));
});

const line = (path: string, at: number) =>
  canonicalRequest({ method: 'GET', path, headers: {} }, EMPTY_HASH).split('\n')[at];

test.each([
  ['/v3/projects/p1', '/v3/projects/p1/'],
  ['/v3/projects/p1/', '/v3/projects/p1/'],
  ['/', '/'],
  ['/a b', '/a%20b/'],
  ['/a%20b', '/a%20b/'],
  ['/a%2fb/%7e%2E', '/a%2Fb/~./'],
  ["/!'()*:@$,;=+&", '/%21%27%28%29%2A%3A%40%24%2C%3B%3D%2B%26/'],
  ['/é\u{1f600}', '/%C3%A9%F0%9F%98%80/'],
  ['/100%', '/100%25/'],
  ['/%zz%FF', '/%25zz%FF/'],
  ['/\ud800', '/%EF%BF%BD/'],
])('the canonical path of %j', (path, expected) => {
  expect(line(path, 1)).toBe(expected);
});

test.each([
  ['', ''],
  ['?', ''],
  ['?nocatalog', 'nocatalog='],
  ['?k=', 'k='],
  ['?b=2&a=1', 'a=1&b=2'],
  ['?a=2&a=10&a=1', 'a=1&a=10&a=2'],
  ['?ab=1&a=2', 'a=2&ab=1'],
  ['?a=x+y&b=x%20y', 'a=x%20y&b=x%20y'],
  ['?a=1=2', 'a=1%3D2'],
  ['?z=1&%C3%A9=2&A=3', 'A=3&z=1&%C3%A9=2'],
  ['?a=%3F&&b=?/', 'a=%3F&b=%3F%2F'],
])('the canonical query of %j', (query, expected) => {
  expect(line(`/p${query}`, 2)).toBe(expected);
});

test('headers are lower-case, trimmed and sorted, with an empty line after them', () => {
  const headers = { 'X-Sdk-Date': ' d ', Host: 'h', 'Content-Type': 'application/json' };
  expect(canonicalRequest({ method: 'PATCH', path: '/p', headers }, 'abc')).toBe(
    'PATCH\n/p/\n\ncontent-type:application/json\nhost:h\nx-sdk-date:d\n\ncontent-type;host;x-sdk-date\nabc',
  );
});

test('the date is UTC in whole seconds', () => {
  expect(sdkDate(Date.UTC(2006, 0, 2, 15, 4, 5, 999))).toBe('20060102T150405Z');
});

test('web digests keep working beyond the bound of imported keys', async () => {
  const digests = createWebDigests();
  for (const round of [1, 2]) {
    for (let index = 0; index <= HMAC_KEYS_MAX; index += 1) {
      const mac = await digests.hmacSha256(`key-${index}`, `text-${round}`, 'hex');
      expect(mac).toBe(await nodeDigests.hmacSha256(`key-${index}`, `text-${round}`, 'hex'));
    }
  }
});
