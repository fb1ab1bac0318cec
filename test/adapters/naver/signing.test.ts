import { describe, expect, it } from 'vitest';
import { signRequest, stringToSign } from '../../../adapters/naver/sign.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { createWebDigests } from '../../../src/workers/web-crypto-digests.ts';

const synchronous = nodeDigests;
const webCrypto = createWebDigests();

/** Published with NaverCloudPlatform/ncp-iam-authenticator, pkg/token/token_test.go. */
const vectors = [
  { path: '/cluster/kubeconfig', signature: 'LTJli9+OKT2KvUXxiKslMfu5FIOmDN83avehOvgUFp0=' },
  {
    path: '/iam/krs-v1/user?clusterUuid=D11328F1-ECA9-4F1B-BA22-921F61D9C5FF',
    signature: 'emeahfW4CmzsxIQ5ip0cd9yqERXJ+ZJsRfQpGNmKdXk=',
  },
];
const nowMs = 1668407407855;
const keyPair = { accessKey: 'access', secretKey: 'secret' };

describe.each([
  ['synchronous digests', synchronous],
  ['Web Crypto', webCrypto],
])('naver signature v2 with %s', (_name, digests) => {
  it.each(vectors)('matches the published vector for $path', async ({ path, signature }) => {
    expect(await signRequest({ method: 'GET', path }, keyPair, { nowMs, digests })).toEqual({
      'x-ncp-apigw-timestamp': '1668407407855',
      'x-ncp-iam-access-key': 'access',
      'x-ncp-apigw-signature-v2': signature,
    });
  });
});

describe('naver signature v2', () => {
  it('makes no promise when the digests make none', () => {
    const request = { method: 'GET', path: '/cluster/kubeconfig' };
    const headers = signRequest(request, keyPair, { nowMs, digests: synchronous });
    expect(headers).not.toBeInstanceOf(Promise);
    expect(signRequest(request, keyPair, { nowMs, digests: webCrypto })).toBeInstanceOf(Promise);
  });

  it('signs path and query untouched, the method in upper case, no trailing newline', () => {
    const text = stringToSign({ method: 'patch', path: '/api/v1/p?b=%20&a=1' }, 'KEY', '17');
    expect(text).toBe('PATCH /api/v1/p?b=%20&a=1\n17\nKEY');
  });

  it('drops fractions of a millisecond from header and signature alike', async () => {
    const request = { method: 'GET', path: '/cluster/kubeconfig' };
    const whole = await signRequest(request, keyPair, { nowMs, digests: synchronous });
    const fraction = { nowMs: nowMs + 0.75, digests: synchronous };
    expect(await signRequest(request, keyPair, fraction)).toEqual(whole);
  });

  it('gives different signatures for different methods, keys and times', async () => {
    const path = '/api/v1/profiles/x';
    const ports = { nowMs, digests: synchronous };
    const signed = await Promise.all([
      signRequest({ method: 'GET', path }, keyPair, ports),
      signRequest({ method: 'PATCH', path }, keyPair, ports),
      signRequest({ method: 'GET', path }, { ...keyPair, secretKey: 'other' }, ports),
      signRequest({ method: 'GET', path }, keyPair, { ...ports, nowMs: nowMs + 1 }),
    ]);
    const signatures = signed.map((headers) => headers['x-ncp-apigw-signature-v2']);
    expect(new Set(signatures).size).toBe(4);
  });
});
