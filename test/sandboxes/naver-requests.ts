import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import { createSandbox } from '../../adapters/naver/sandbox/index.ts';
import type { Unkindness } from '../../adapters/sandbox-kit/unkind.ts';

export const ORIGIN = 'http://127.0.0.1:8788';
export const NOW_MS = Date.parse('2026-02-03T04:05:06.789+09:00');
export const ID = '76da1a8c-0000-4000-8000-cf13dfc49aa6';
export const HANGUL_ID = '76da1a8c-0000-4000-8000-cf13dfc49aa7';
export const DISABLED_ID = '76da1a8c-0000-4000-8000-cf13dfc49aa8';
export const PATH = `/naver/api/v1/profiles/${ID}`;
export const OWN_NRN = 'nrn:PUB:SubAccount::1234567:Role/b1f7c2aa-0000-4000-8000-0000000000a1';
/** Keeps what an edit would otherwise reset. */
export const KEEP = { durationSeconds: 1800, roleIdList: null };

export type Sent = {
  method?: string;
  path?: string;
  body?: unknown;
  bytes?: string | Uint8Array<ArrayBuffer>;
  contentType?: string | null;
  accessKey?: string;
  secretKey?: string;
  timestampMs?: number | string;
  signedPath?: string;
  without?: string;
};

/** A fresh sandbox with its clock and unkind modes, and ways to send it signed requests. */
export function start(modes: readonly Unkindness[] = []) {
  const clock = { nowMs: NOW_MS };
  const sandbox = createSandbox({
    basePath: '/naver',
    now: () => clock.nowMs,
    unkind: { modes: () => modes },
    peer: () => {
      throw new Error('naver has no peer');
    },
  });
  const send = async (sent: Sent = {}) => {
    const response = await sandbox.fetch(signed(sent));
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
  };
  const patch = (body: unknown, id = ID) =>
    send({ method: 'PATCH', path: `/naver/api/v1/profiles/${id}`, body });
  return { clock, sandbox, send, patch };
}

function signed(sent: Sent): Request {
  const { method = 'GET', path = PATH, contentType = 'application/json' } = sent;
  const { accessKey = 'SANDBOXNCPACCESSKEY1', secretKey = 'sandbox-ncp-secret-key' } = sent;
  const timestamp = String(sent.timestampMs ?? NOW_MS);
  const text = `${method} ${sent.signedPath ?? path}\n${timestamp}\n${accessKey}`;
  const headers = new Headers({
    'x-ncp-apigw-timestamp': timestamp,
    'x-ncp-iam-access-key': accessKey,
    'x-ncp-apigw-signature-v2': createHmac('sha256', secretKey).update(text).digest('base64'),
  });
  if (sent.without) headers.delete(sent.without);
  const body = sent.bytes ?? (sent.body === undefined ? null : JSON.stringify(sent.body));
  if (body !== null && contentType !== null) headers.set('content-type', contentType);
  const request = new Request(`${ORIGIN}${path}`, { method, headers, body });
  if (contentType === null) request.headers.delete('content-type');
  return request;
}

export const serviceError = {
  error: {
    errorCode: '9011',
    message: expect.any(String),
    requestId: expect.stringMatching(/^sandbox-\d+$/),
  },
};
