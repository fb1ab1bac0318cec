import { describe, expect, it } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { createApp } from '../../../src/http/app.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import type { Ports } from '../../../src/ports.ts';
import { systemClock } from '../../../src/state/clock.ts';
import { createMemoryState } from '../../../src/state/local-state.ts';
import type { LogRecord } from '../../../src/telemetry/log.ts';

/** What a bug would throw; nothing of it may be told but its kind. */
const BUG = new RangeError('quotes a secret');

function buggyApp(gateway: () => never | Promise<never>) {
  const logs: LogRecord[] = [];
  const counted: string[] = [];
  const ports: Ports = {
    send: () => Promise.reject(new Error('nothing is sent')),
    ...systemClock,
    random: Math.random,
    sleep: () => Promise.resolve(),
    digests: nodeDigests,
    state: createMemoryState(systemClock.monotonicMs),
    log: (record) => logs.push(JSON.parse(JSON.stringify(record))),
    meter: {
      request: ({ code }) => counted.push(code),
      step: () => {},
      retry: () => {},
      tokenRequest: () => {},
      loss: () => {},
      unconfirmed: () => {},
      circuitBreaker: () => {},
      load: () => {},
      state: () => {
        throw new Error('there is none');
      },
      exposition: () => Promise.resolve(''),
    },
    deadlineMs: 1_000,
  };
  return { app: createApp({ adapters, ports, gateway }), logs, counted };
}

describe('a bug is answered by 500, logged once and counted once', () => {
  const throws = (): never => {
    throw BUG;
  };
  it.each([
    ['GET', '/profiles/a:b', throws],
    ['PATCH', '/profiles/a:b', throws],
    ['DELETE', '/profiles/a:b', throws],
    ['GET', '/no/such/path', throws],
    ['GET', '/no/such/path', () => Promise.reject(BUG)],
    ['GET', '/capabilities', () => Promise.reject(BUG)],
  ] as const)('%s %s', async (method, path, gateway) => {
    const { app, counted, logs } = buggyApp(gateway);
    const answer = await app.request(path, { method });
    expect(answer.status).toBe(500);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    expect(await answer.json()).toMatchObject({ code: 'internal_error' });
    expect(logs).toMatchObject([
      { level: 'error', code: 'internal_error', status: 500, message: 'RangeError' },
    ]);
    expect(JSON.stringify(logs)).not.toContain('secret');
    expect(counted).toEqual(['internal_error']);
  });
});
