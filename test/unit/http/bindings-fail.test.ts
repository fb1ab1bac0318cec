import { expect, test } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { readConfiguration } from '../../../src/config/read-config.ts';
import { createApp } from '../../../src/http/app.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import type { Ports } from '../../../src/ports.ts';
import { LinksUnavailable } from '../../../src/routing/links.ts';
import { systemClock } from '../../../src/state/clock.ts';
import { createMemoryState } from '../../../src/state/local-state.ts';

const TARGET = {
  vendor: 'nerm',
  baseUrl: 'http://127.0.0.1:9/api',
  auth: { method: 'token', token: 'tok-nerm-abcdef123456' },
};
const links = { find: () => Promise.reject(new LinksUnavailable()) };

/** The answer to a patch, where the links or the writer fail. */
async function patched(id: string, more: JsonObject, handOver?: Ports['handOver']) {
  const document = { version: 1, targets: { n: TARGET }, ...more };
  const read = await readConfiguration(document, {
    adapters,
    lookup: { environment: () => undefined },
    clock: systemClock,
    digests: nodeDigests,
    openLinks: async () => ({ ok: true, links }),
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const ports: Ports = {
    send: async () => ({ failure: 'connect', sent: false, reason: 'ECONNREFUSED' }),
    ...systemClock,
    random: Math.random,
    sleep: async () => {},
    digests: nodeDigests,
    state: createMemoryState(systemClock.monotonicMs),
    log: () => {},
    deadlineMs: 1_000,
    handOver,
  };
  const app = createApp({ adapters, ports, gateway: () => read.gateway });
  const response = await app.request(`http://localhost/profiles/${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/json' },
    body: '{"status":"active"}',
  });
  const retryAfter = response.headers.get('retry-after');
  return { status: response.status, retryAfter, ...((await response.json()) as JsonObject) };
}

const ID = 'n:33f072dd-13b4-41e1-8ea0-16f2a59b57c8';
const failing = (flags: object) => () => Promise.reject(Object.assign(new Error('no'), flags));

test('a write that an overloaded writer never got is rejected', async () => {
  expect(await patched(ID, {}, failing({ overloaded: true }))).toMatchObject({
    status: 503,
    code: 'overloaded',
    outcome: 'rejected',
    retryAfter: '1',
  });
});

test.each([{}, { retryable: true }, { overloaded: false }])(
  'a write that was lost with %o is unknown',
  async (flags) => {
    const answer = await patched(ID, {}, failing(flags));
    expect(answer).toMatchObject({ status: 504, code: 'outcome_unknown', outcome: 'unknown' });
  },
);

test('links that cannot be read are no bug', async () => {
  const answer = await patched('emp-17', {
    links: 'LINKS',
    routes: [{ match: { id: 'emp-*' }, to: 'n' }],
  });
  expect(answer).toMatchObject({ status: 503, code: 'not_configured', retryAfter: '1' });
});
