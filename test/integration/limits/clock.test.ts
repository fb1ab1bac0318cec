import { beforeEach, describe, expect, test } from 'vitest';
import { createSandboxSet, type SandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { CREDENTIAL_COOLDOWN_MS } from '../../../src/limits.ts';
import { found } from '../../support/gateway.ts';
import {
  createInMemoryGateway,
  type InMemoryGateway,
  NOW_MS,
  UPSTREAM,
} from '../../support/in-memory.ts';
import { NERM, nermTarget, SENLIN, senlinTarget } from '../../support/profiles.ts';

const HOUR_MS = 3_600_000;
const BREAKER = { minimumRequests: 2, failureRatio: 0.5, windowMs: 10_000, openMs: 10_000 };
const PATH = `/profiles/${NERM}`;
const STEPS = [-HOUR_MS, HOUR_MS] as const;

type Serve = (request: Request) => Response | Promise<Response>;

/** Time that has passed, and by how much the clock of the gateway was set meanwhile. */
const time = { passedMs: 0, setMs: 0 };
let set: SandboxSet;
let serve: Serve;
let gateway: InMemoryGateway;
beforeEach(async () => {
  Object.assign(time, { passedMs: 0, setMs: 0 });
  const vendorMs = (): number => NOW_MS + time.passedMs;
  set = createSandboxSet(vendorMs, sandboxes);
  serve = set.fetch;
  gateway = await createInMemoryGateway({
    document: {
      version: 1,
      targets: {
        'nerm-demo': nermTarget({ limits: { circuitBreaker: BREAKER } })(UPSTREAM),
        'senlin-demo': senlinTarget('sandbox-password')(UPSTREAM),
      },
    },
    fetch: async (request) => {
      time.passedMs += 20;
      const response = await serve(request);
      const headers = new Headers(response.headers);
      headers.set('date', new Date(vendorMs()).toUTCString());
      return new Response(response.body, { status: response.status, headers });
    },
    clock: { now: () => vendorMs() + time.setMs, monotonicMs: () => time.passedMs },
  });
});

const answering =
  (status: number): Serve =>
  () =>
    new Response('{}', { status });
const stored = () => found(set.byFolder.get('nerm')).stored(NERM.split(':')[1] ?? '');

/** Loses each write before it arrives, after `meanwhile`, and fails as `read` each read. */
const losing =
  (meanwhile: () => unknown, read: Serve = set.fetch): Serve =>
  async (request) => {
    if (request.method === 'GET') return read(request);
    await meanwhile();
    throw new Error('lost');
  };

describe.each(STEPS)('a clock that is set by %i ms', (setMs) => {
  const setClock = (): void => {
    time.setMs += setMs;
  };
  const read = () => gateway.ask('GET', PATH);
  const patch = (body: Record<string, string>) => gateway.ask('PATCH', PATH, { body });

  test('leaves an open breaker open as long as it is configured', async () => {
    serve = answering(500);
    await read();
    await read();
    serve = set.fetch;
    setClock();
    const refused = await read();
    expect([refused.status, Number(refused.headers.get('retry-after'))]).toEqual([503, 10]);
    time.passedMs += BREAKER.openMs;
    expect((await read()).status).toBe(200);
  });

  test('leaves the cooldown of a rejected credential as it is', async () => {
    serve = answering(401);
    await read();
    serve = set.fetch;
    setClock();
    const refused = await read();
    expect([refused.body.code, Number(refused.headers.get('retry-after'))]).toEqual([
      'target_unauthorized',
      CREDENTIAL_COOLDOWN_MS / 1000,
    ]);
    time.passedMs += CREDENTIAL_COOLDOWN_MS;
    expect((await read()).status).toBe(200);
  });

  test('leaves a profile in doubt as long as its vendor needs', async () => {
    serve = losing(() => {}, answering(500));
    const lost = await patch({ status: 'on_leave' });
    expect(lost.body).toMatchObject({ outcome: 'unknown', reason: 'read_back_failed' });
    const leftSeconds = Number(lost.headers.get('retry-after'));
    serve = set.fetch;
    setClock();
    const refused = await patch({ status: 'on_leave' });
    expect(refused.body.code).toBe('profile_in_doubt');
    expect(Number(refused.headers.get('retry-after'))).toBe(leftSeconds);
    time.passedMs += leftSeconds * 1000;
    expect((await patch({ status: 'on_leave' })).body).toMatchObject({
      write: { outcome: 'applied' },
    });
  });

  test('within an exchange changes no time that is measured', async () => {
    serve = (request) => {
      setClock();
      return set.fetch(request);
    };
    const { headers, status } = await patch({ status: 'on_leave' });
    expect([status, headers.get('server-timing')]).toEqual([200, 'gateway;dur=0, upstream;dur=20']);
    expect(gateway.logs.at(-1)).toMatchObject({
      durationMs: 20,
      upstreamMs: 20,
      steps: [{ durationMs: 20 }],
    });
  });
});

test.each([-60_000, ...STEPS])(
  'a clock that is set by %i ms proves no write away',
  async (byMs) => {
    serve = losing(async () => {
      // Another client writes after the write was lost, and the vendor is asked a little later.
      time.passedMs += 5_000;
      await set.fetch(
        new Request(`${UPSTREAM}/nerm/api/profiles/${NERM.split(':')[1]}`, {
          method: 'PATCH',
          headers: {
            authorization: 'Bearer sandbox-nerm-token',
            'content-type': 'application/json',
          },
          body: JSON.stringify({ profile: { status: 'Terminated' } }),
        }),
      );
      serve = set.fetch;
      time.passedMs += 1_000;
      time.setMs += byMs;
    });
    const { body } = await gateway.ask('PATCH', PATH, { body: { status: 'on_leave' } });
    expect(body).toMatchObject({ outcome: 'unknown', reason: 'unproven' });
    expect(stored()).toMatchObject({ status: 'Terminated' });
  },
);

test.each(STEPS)('a clock that differs by %i ms from Keystone keeps its tokens', async (byMs) => {
  time.setMs = 5 * byMs;
  for (let i = 0; i < 3; i += 1) {
    expect((await gateway.ask('GET', `/profiles/${SENLIN}`)).status).toBe(200);
  }
  const requests = gateway.sent.filter(({ path }) => path.includes('/auth/tokens'));
  expect(requests).toHaveLength(1);
});
