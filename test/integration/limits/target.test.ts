import { afterEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { call, MERGE_PATCH, patch } from '../../support/client.ts';
import { found, startGateway } from '../../support/gateway.ts';
import { NERM, nermTarget } from '../../support/profiles.ts';
import { startFront, vendorAt } from './front.ts';

const ID = NERM.slice(NERM.indexOf(':') + 1);
const PROFILE = `weak:${ID}`;
/** Long enough for an answer of a busy machine. */
const TIMEOUT_MS = 500;
const BREAKER = { minimumRequests: 4, failureRatio: 0.5, openMs: 600 };

let stop: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const step of stop) await step();
  stop = [];
});

/** A gateway whose target `weak` is nerm behind a front that can be broken. */
async function start(settings: JsonObject) {
  const gateway = await startGateway();
  const front = await startFront(vendorAt(gateway.sandboxOrigin));
  stop = [gateway.stop, front.stop];
  const weak = (): JsonObject => nermTarget({ idNamespace: 'shared', ...settings })(front.origin);
  const targets = { spare: nermTarget({ idNamespace: 'shared' }), weak };
  await gateway.reload({ targets, routes: [{ to: 'weak', fallback: ['spare'] }] });
  return { front, gateway, origin: gateway.origin };
}

const read = (origin: string, id = PROFILE) => call(origin, `/profiles/${id}`);
const write = (origin: string, value: string, id = PROFILE) =>
  patch(origin, id, { attributes: { cost_centre: value } });
const breakerOf = async (origin: string) => {
  const explained = await call(origin, `/profiles/${PROFILE}/explain`, {
    method: 'POST',
    headers: MERGE_PATCH,
    body: '{"name":"Anna"}',
  });
  return (explained.json.policy as JsonObject).circuitBreaker;
};
const retriesLeft = async (origin: string) => {
  const { targets } = (await call(origin, '/admin/targets')).json as unknown as {
    targets: { target: string; retryBudget: { left: number } }[];
  };
  return found(targets.find(({ target }) => target === 'weak')).retryBudget.left;
};
const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function fail(origin: string, times: number): Promise<void> {
  const answers = await Promise.all(Array.from({ length: times }, () => read(origin)));
  for (const { status } of answers) expect(status).toBeGreaterThan(500);
}

describe('a breaker', () => {
  it.each(['refuse', 'hang', 'fail'] as const)('opens for a target that does %s', async (way) => {
    const { front, gateway, origin } = await start({
      timeoutMs: TIMEOUT_MS,
      limits: { circuitBreaker: BREAKER },
    });
    expect(await breakerOf(origin)).toBe('closed');
    if (way === 'refuse') await front.refuse(true);
    else front.meet(way);
    await fail(origin, 4);
    expect(await breakerOf(origin)).toBe('open');
    const sent = front.seen.length;
    const refused = await write(origin, '1');
    expect(refused.status).toBe(503);
    expect(refused.json).toMatchObject({ code: 'target_unavailable', outcome: 'rejected' });
    expect(refused.headers['retry-after']).toBe('1');
    expect((await read(origin)).json).toMatchObject({ code: 'target_unavailable' });
    expect(front.seen.length).toBe(sent);
    if (way === 'refuse') await front.refuse(false);
    else front.meet('serve');
    await sleep(BREAKER.openMs + 20);
    expect(await breakerOf(origin)).toBe('half_open');
    expect((await write(origin, '2')).status).toBe(200);
    expect(await breakerOf(origin)).toBe('closed');
    const told = gateway.logs.filter(({ event }) => event === 'breaker');
    expect(told.map(({ level, message, target }) => [level, message, target])).toEqual([
      ['warn', 'open', 'weak'],
      ['info', 'closed', 'weak'],
    ]);
  });

  it('lets one request at a time find out, and opens again when it fails', async () => {
    const { front, origin } = await start({
      timeoutMs: TIMEOUT_MS,
      limits: { circuitBreaker: BREAKER },
    });
    front.meet('hang');
    await fail(origin, 4);
    await sleep(BREAKER.openMs + 20);
    const sent = front.seen.length;
    const answers = await Promise.all(Array.from({ length: 5 }, () => read(origin)));
    const codes = answers.map(({ json }) => json.code);
    expect(codes.filter((code) => code === 'target_timeout')).toHaveLength(1);
    expect(codes.filter((code) => code === 'target_unavailable')).toHaveLength(4);
    expect(front.seen.length).toBe(sent + 1);
    expect(await breakerOf(origin)).toBe('open');
  });

  it('does not open for refusals', async () => {
    const { front, origin } = await start({
      limits: { circuitBreaker: { ...BREAKER, failureRatio: 0.01 } },
    });
    front.meet('forbid');
    for (let i = 0; i < 10; i += 1) expect((await read(origin)).status).toBe(502);
    expect(await breakerOf(origin)).toBe('closed');
  });

  it('does not open where the deadline of our own cut a wait short', async () => {
    const limits = { deadlineMs: 1_000, circuitBreaker: { minimumRequests: 1 } };
    const { front, origin } = await start({ timeoutMs: 10_000, limits });
    front.meet('hang');
    expect((await read(origin)).json).toMatchObject({ code: 'target_timeout' });
    expect(await breakerOf(origin)).toBe('closed');
  });

  it('keeps no exchange from the read that tells how its write ended', async () => {
    const circuitBreaker = { minimumRequests: 1, failureRatio: 0.01, openMs: 60_000 };
    const { front, gateway, origin } = await start({
      timeoutMs: TIMEOUT_MS,
      limits: { circuitBreaker },
    });
    front.meet('drop answers to writes');
    const answer = await write(origin, '815');
    expect(answer.json).toMatchObject({ write: { outcome: 'applied', evidence: 'read_back' } });
    expect(await breakerOf(origin)).toBe('open');
    expect((await write(origin, '816')).json).toMatchObject({ outcome: 'rejected' });
    expect(found(gateway.sandbox('nerm').stored(ID)).attributes).toMatchObject({
      cost_centre: '815',
    });
  });

  it('takes nothing from the retry budget for what it refuses', async () => {
    const { front, origin } = await start({
      timeoutMs: TIMEOUT_MS,
      limits: { circuitBreaker: BREAKER },
    });
    front.meet('fail');
    await fail(origin, 4);
    const left = await retriesLeft(origin);
    await fail(origin, 20);
    expect(await breakerOf(origin)).toBe('open');
    expect(await retriesLeft(origin)).toBeGreaterThanOrEqual(left);
  });

  it('lets a rule fall back at once, for writes too', async () => {
    const { front, origin } = await start({
      timeoutMs: TIMEOUT_MS,
      limits: { circuitBreaker: BREAKER },
    });
    await front.refuse(true);
    await fail(origin, 4);
    expect(await breakerOf(origin)).toBe('open');
    const answer = await write(origin, '3', ID);
    expect(answer.json).toMatchObject({ write: { outcome: 'applied', target: 'spare' } });
    expect((await read(origin, ID)).json).toMatchObject({ profile: { target: 'spare' } });
  });
});

describe('turns', () => {
  it('bound what a target has to serve at once, and what waits for it', async () => {
    const limits = { maxConcurrentRequests: 2, maxQueuedRequests: 3 };
    const { front, gateway, origin } = await start({ limits });
    const release = gateway.holdUpstream();
    const reads = Array.from({ length: 9 }, () => read(origin));
    await sleep(200);
    expect(front.seen.length).toBe(2);
    release();
    const answers = await Promise.all(reads);
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array.from({ length: 5 }, () => 200),
      ...Array.from({ length: 4 }, () => 503),
    ]);
    const refused = answers.filter(({ status }) => status === 503);
    for (const { headers, json } of refused) {
      expect([json.code, headers['retry-after']]).toEqual(['overloaded', '1']);
    }
    expect((await read(origin)).status).toBe(200);
  });

  it('are waited for within the deadline; a write that gets none was not sent', async () => {
    const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 10, deadlineMs: 1_200 };
    const { front, origin } = await start({ limits });
    front.meet('hang');
    const holder = read(origin);
    await sleep(100);
    const startMs = Date.now();
    const answer = await write(origin, '1');
    expect(answer.status).toBe(503);
    expect(answer.json).toMatchObject({ code: 'overloaded', outcome: 'rejected' });
    // The last third of the deadline is kept for reading back.
    expect(Date.now() - startMs).toBeGreaterThan(600);
    expect(Date.now() - startMs).toBeLessThan(1_200);
    expect(front.seen.filter((line) => line.startsWith('PATCH'))).toEqual([]);
    await holder;
  });

  it('are no reason to fail where the rule names another target', async () => {
    const { front, origin } = await start({
      timeoutMs: 1_000,
      limits: { maxConcurrentRequests: 1, maxQueuedRequests: 0 },
    });
    front.meet('hang');
    const holder = read(origin);
    await sleep(100);
    expect((await write(origin, '4', ID)).json).toMatchObject({ write: { target: 'spare' } });
    await holder;
  });
});

describe('deadlines of a target', () => {
  it('end the wait for another write to the same profile', async () => {
    const { front, origin } = await start({ timeoutMs: 10_000, limits: { deadlineMs: 1_500 } });
    front.meet('hang');
    const first = write(origin, '1');
    await sleep(50);
    const startMs = Date.now();
    const second = await write(origin, '2');
    // What is kept for reading back is not waited for.
    expect(Date.now() - startMs).toBeLessThan(1_300);
    expect(second.json).toMatchObject({ code: 'overloaded', outcome: 'rejected' });
    expect((await first).json).toMatchObject({ outcome: 'unknown' });
  });

  it.each<[title: string, method: 'read' | 'write']>([
    ['a read', 'read'],
    ['a write, which is read back', 'write'],
  ])('end %s', async (_, method) => {
    const { front, origin } = await start({ timeoutMs: 10_000, limits: { deadlineMs: 1_000 } });
    front.meet('hang');
    const startMs = Date.now();
    const answer = await (method === 'read' ? read(origin) : write(origin, '1'));
    expect(answer.status).toBe(504);
    expect(Date.now() - startMs).toBeGreaterThan(900);
    expect(Date.now() - startMs).toBeLessThan(1_600);
    if (method === 'write') expect(answer.json).toMatchObject({ outcome: 'unknown' });
  });
});
