import { expect, test } from 'vitest';
import { isLoopbackHost } from '../../../src/config/loopback.ts';

test.each([
  ['localhost', true],
  ['localhost.', true],
  ['LOCALHOST.', true],
  ['a.localhost', true],
  ['127.0.0.1', true],
  ['::1', true],
  ['localhost..', false],
  ['localhost.example.com', false],
  ['127.0.0.1.example.com', false],
])('%s is a loopback host: %s', (host, isLoopback) => {
  expect(isLoopbackHost(host)).toBe(isLoopback);
});
