import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { expectProblem, patch, read } from '../../support/client.ts';
import { unusedOrigin } from '../../support/free-port.ts';
import { type RunningGateway, startGateway, withGateway } from '../../support/gateway.ts';
import {
  iamTarget,
  NAVER,
  NERM,
  naverTarget,
  nermTarget,
  upstreamIdOf,
} from '../../support/profiles.ts';
import { type BrokenUpstream, startBrokenUpstream } from './broken-upstream.ts';

const NAVER_ID = upstreamIdOf(NAVER);
const NERM_ID = upstreamIdOf(NERM);
const WAYS = [
  'silent',
  'reset',
  'half',
  'stalled',
  'moved',
  'found',
  'temporary',
  'permanent',
  'giant',
  'giant-announced',
  'giant-headers',
  'garbage',
  'html',
  'telltale',
  'unavailable',
  'queued',
];

let broken: BrokenUpstream;
let gateway: RunningGateway;
beforeAll(async () => {
  broken = await startBrokenUpstream();
  const at = (settings: (origin: string) => object, way: string) => () => ({
    ...settings(broken.origin),
    baseUrl: `${broken.origin}/${way}`,
    timeoutMs: 300,
  });
  const targets = WAYS.flatMap((way) => [
    [`naver-${way}`, at(naverTarget(), way)] as const,
    [`nerm-${way}`, at(nermTarget(), way)] as const,
  ]);
  gateway = await startGateway({
    targets: {
      ...Object.fromEntries(targets),
      'iam-distrustful': at(iamTarget(), 'distrustful'),
      'naver-nobody': naverTarget({ baseUrl: await unusedOrigin() }),
    },
  });
});
afterAll(async () => {
  await gateway.stop();
  await broken.stop();
});

describe('a read from a vendor that', () => {
  it.each([
    ['silent', 504, 'target_timeout', 1],
    ['stalled', 504, 'target_timeout', 1],
    ['reset', 503, 'target_unavailable', 3],
    ['half', 503, 'target_unavailable', 3],
    ['garbage', 503, 'target_unavailable', 3],
    ['giant-headers', 503, 'target_unavailable', 3],
    ['moved', 502, 'target_misconfigured', 1],
    ['found', 502, 'target_misconfigured', 1],
    ['temporary', 502, 'target_misconfigured', 1],
    ['permanent', 502, 'target_misconfigured', 1],
    ['giant', 502, 'target_invalid_response', 1],
    ['giant-announced', 502, 'target_invalid_response', 1],
    ['html', 502, 'target_invalid_response', 1],
    ['telltale', 422, 'rejected_by_target', 1],
  ])('is %s ends as %d %s', async (way, status, code, requests) => {
    const seen = broken.requests.length;
    const answer = await read(gateway.origin, `naver-${way}:${NAVER_ID}`);
    expectProblem(answer, status, code);
    expect(answer.json.target).toBe(`naver-${way}`);
    expect(answer.headers['server-timing']).toMatch(/^gateway;dur=\d+, upstream;dur=\d+$/);
    expect(answer.headers['x-gateway-sandbox']).toBeUndefined();
    expect(broken.requests.slice(seen)).toHaveLength(requests);
    expect(broken.requests.filter((request) => request.includes('/trap'))).toEqual([]);
    expect(answer.text).not.toContain('sandbox-ncp-secret-key');
  });

  it('is not there ends as 503', async () => {
    const answer = await read(gateway.origin, `naver-nobody:${NAVER_ID}`);
    expectProblem(answer, 503, 'target_unavailable');
  });

  it('quotes what it was sent is cleaned of it', async () => {
    const answer = await read(gateway.origin, `naver-telltale:${NAVER_ID}`);
    const message = String((answer.json.upstream as { message?: string }).message);
    expect(message).toContain('«secret:auth.accessKey»');
    expect(message).not.toContain('SANDBOXNCPACCESSKEY1');
    expect(message).not.toContain('\u0007');
    expect(message.length).toBeLessThanOrEqual(300);
  });

  it('asks for time is not asked before that', async () => {
    const seen = broken.requests.length;
    const startMs = Date.now();
    const answer = await read(gateway.origin, `naver-unavailable:${NAVER_ID}`, {});
    expectProblem(answer, 503, 'target_unavailable');
    const times = broken.requests.length - seen;
    expect(Date.now() - startMs).toBeGreaterThanOrEqual((times - 1) * 1_000 - 50);
    expect(answer.headers['retry-after']).toBe('1');
  });
});

describe('a write to a vendor that', () => {
  it.each(['silent', 'reset', 'half', 'stalled', 'garbage', 'giant', 'giant-headers', 'html'])(
    'is %s has an unknown end, and keeps others from the profile until it is settled',
    async (way) => {
      const id = `nerm-${way}:${NERM_ID}`;
      const answer = await patch(gateway.origin, id, { status: 'inactive' });
      expectProblem(answer, 504, 'outcome_unknown');
      expect(answer.json).toMatchObject({
        outcome: 'unknown',
        applied: [],
        reason: 'read_back_failed',
      });
      const writes = broken.requests.filter((r) => r.startsWith(`PATCH /${way}/`));
      expect(writes).toHaveLength(1);

      const seen = broken.requests.length;
      const next = await patch(gateway.origin, id, { status: 'active' });
      expectProblem(next, 503, 'profile_in_doubt');
      expect(next.json.outcome).toBe('rejected');
      expect(Number(next.headers['retry-after'])).toBeGreaterThan(60);
      expect(broken.requests.length).toBe(seen);
    },
  );

  it.each(['moved', 'found', 'temporary', 'permanent'])(
    'answers with a redirect (%s) is not followed',
    async (way) => {
      const answer = await patch(gateway.origin, `nerm-${way}:${NERM_ID}`, { status: 'inactive' });
      expectProblem(answer, 504, 'outcome_unknown');
      expect(answer.json).toMatchObject({ reason: 'read_back_failed', sent: ['/status'] });
      expect(broken.requests.filter((request) => request.includes('/trap'))).toEqual([]);
    },
  );

  it('answers 202 may apply it later, whatever a read shows', async () => {
    const id = `nerm-queued:${NERM_ID}`;
    const answer = await patch(gateway.origin, id, { status: 'inactive' });
    expectProblem(answer, 504, 'outcome_unknown');
    expect(answer.json).toMatchObject({
      reason: 'queued',
      sent: ['/status'],
      upstream: { status: 202 },
    });
    expectProblem(await patch(gateway.origin, id, { status: 'active' }), 503, 'profile_in_doubt');
  });

  it('is not there was surely not sent', async () => {
    const body = { extensions: { naver: { durationSeconds: 900 } } };
    const answer = await patch(gateway.origin, `naver-nobody:${NAVER_ID}`, body);
    expectProblem(answer, 503, 'target_unavailable');
    expect(answer.json.outcome).toBe('rejected');
    const again = await patch(gateway.origin, `naver-nobody:${NAVER_ID}`, body);
    expectProblem(again, 503, 'target_unavailable');
  });
});

describe('a vendor that takes none of the tokens it gave', () => {
  it('is asked a few times, and then its credential rests', async () => {
    const id = `iam-distrustful:${'0'.repeat(32)}`;
    expectProblem(await read(gateway.origin, id), 502, 'target_unauthorized');
    const asked = broken.requests.filter((request) => request.includes('/distrustful/'));
    expect(asked.filter((request) => request.startsWith('POST'))).toHaveLength(5);
    expect(asked.filter((request) => request.startsWith('GET'))).toHaveLength(5);
    const answer = await read(gateway.origin, id);
    expectProblem(answer, 502, 'target_unauthorized');
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(25);
    expect(broken.requests.filter((request) => request.includes('/distrustful/'))).toEqual(asked);
  });
});

describe('the deadline', () => {
  it('ends a read before the timeout of its target does', async () => {
    const silent = () => ({ ...naverTarget()(broken.origin), baseUrl: `${broken.origin}/silent` });
    await withGateway({ targets: { silent }, deadlineMs: 400 }, async ({ origin }) => {
      const startMs = Date.now();
      expectProblem(await read(origin, `silent:${NAVER_ID}`), 504, 'target_timeout');
      expect(Date.now() - startMs).toBeLessThan(2_000);
    });
  });

  it('sends no write that would leave no time for its read-back', async () => {
    await withGateway({ deadlineMs: 4_000 }, async ({ origin, upstream }) => {
      // A connection that is open already takes a request at once.
      expect((await read(origin, NERM)).status).toBe(200);
      const answer = await patch(origin, NERM, { status: 'inactive' });
      expectProblem(answer, 504, 'target_timeout');
      expect(answer.json).toMatchObject({ outcome: 'rejected', notApplied: ['/status'] });
      expect(upstream).toHaveLength(1);
    });
  });

  it('keeps its last seconds for the read-back of a write', async () => {
    const silent = () => ({ ...nermTarget()(broken.origin), baseUrl: `${broken.origin}/silent` });
    await withGateway({ targets: { silent }, deadlineMs: 5_300 }, async ({ origin, logs }) => {
      const answer = await patch(origin, `silent:${NERM_ID}`, { status: 'inactive' });
      expectProblem(answer, 504, 'outcome_unknown');
      const steps = logs[0]?.steps ?? [];
      const [first, ...others] = steps.map(({ purpose, status }) => `${purpose} ${status}`);
      expect(first).toBe('write TIMEOUT');
      expect(new Set(others)).toEqual(new Set(['read TIMEOUT']));
      expect(steps[0]?.durationMs).toBeLessThan(1_000);
      expect(logs[0]?.durationMs).toBeLessThan(7_000);
    });
  });
});
