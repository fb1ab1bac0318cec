import { expect } from 'vitest';
import type { Answer } from '../../support/client.ts';

/** Headers that belong to the write. */
const WRITE_HEADERS = [
  'x-write-id',
  'etag',
  'preference-applied',
  'content-type',
  'x-gateway-sandbox',
];

/** Checks that `second` is the answer to a repeat of the request that `first` answered. */
export function expectReplay(first: Answer, second: Answer): void {
  const { requestId: _, ...rest } = second.json;
  expect(second.status).toBe(first.status);
  expect(first.json).toMatchObject(rest);
  if (first.status === 200) expect(second.text).toBe(first.text);
  for (const name of WRITE_HEADERS) expect(second.headers[name], name).toBe(first.headers[name]);
  expect(first.headers['x-write-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(second.headers['idempotency-replayed']).toBe('true');
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
}
