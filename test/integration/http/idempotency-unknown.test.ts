import { describe, expect, it } from 'vitest';
import nerm from '../../../adapters/nerm/index.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { document, ID } from '../../state/replicas.ts';
import { clockOf } from '../../support/clock.ts';
import { createInMemoryGateway } from '../../support/in-memory.ts';
import { checkResponse } from '../openapi/response-check.ts';

const SETTLE_MS = 60_000;
const PATH = `/profiles/acme:${ID}`;
const START_MS = Date.parse('2026-03-01T12:00:00Z');

/** A gateway and a vendor whose answers to writes can be lost, over one clock. */
async function start() {
  let nowMs = START_MS;
  const attributes: JsonObject = { site: 'Bonn' };
  const profile = {
    id: ID,
    uid: '0f3c9a7be1d24a5f8c6b7d8e9fa0b1c2',
    name: 'Dana Example',
    status: 'Active',
    attributes,
    created_at: '2026-01-05T08:00:00.000Z',
    updated_at: '2026-01-05T08:00:00.000Z',
  };
  const vendor = {
    writes: 0,
    reads: 0,
    /** Applies what it got, whenever that is. */
    set: (site: string) => {
      Object.assign(attributes, { site });
      profile.updated_at = new Date(nowMs).toISOString();
    },
    canRead: false,
    /** Shows the time in its answers. */
    hasClock: true,
    losesAnswers: true,
    /** Status with which it refuses writes; 0: it takes them. */
    refusesWith: 0,
  };
  const fetch = async (request: Request): Promise<Response> => {
    const date = vendor.hasClock ? { date: new Date(nowMs).toUTCString() } : {};
    const headers = { 'content-type': 'application/json', ...date };
    if (request.method === 'GET') {
      vendor.reads += 1;
      if (!vendor.canRead) return new Response('{}', { status: 404, headers });
      return new Response(JSON.stringify({ profile }), { headers });
    }
    vendor.writes += 1;
    if (vendor.refusesWith > 0) {
      return new Response('{}', { status: vendor.refusesWith, headers });
    }
    if (vendor.losesAnswers) throw new Error('lost');
    vendor.set(JSON.parse(await request.text()).profile.attributes.site);
    return new Response(JSON.stringify({ profile }), { headers });
  };
  const gateway = await createInMemoryGateway({
    document,
    adapters: [{ ...nerm, settleMs: SETTLE_MS }],
    clock: clockOf(() => nowMs),
    fetch,
  });
  const ask = async (
    headers: Record<string, string> = {},
    body: JsonObject = { attributes: { site: 'Berlin' } },
  ) => {
    const sent = { 'idempotency-key': '"CANARY-KEY"', ...headers };
    const answer = await gateway.ask('PATCH', PATH, { body, headers: sent });
    const { status, text } = answer;
    const shown = Object.fromEntries(answer.headers);
    expect(checkResponse('PATCH', PATH, status, shown, text)).toEqual([]);
    return answer;
  };
  const advance = (ms: number): void => {
    nowMs += ms;
  };
  return { advance, ask, gateway, vendor };
}

type Answer = Awaited<ReturnType<Awaited<ReturnType<typeof start>>['ask']>>;

const replayed = ({ headers }: Answer) => headers.get('idempotency-replayed');
const writeIdOf = ({ headers }: Answer) => headers.get('x-write-id');

describe('a repeat of a write whose outcome is unknown', () => {
  it('is answered as unknown while nothing more is known, with the time that is left', async () => {
    const { advance, ask, vendor } = await start();
    const first = await ask();
    expect(first.body).toMatchObject({ code: 'outcome_unknown', retryAfterSeconds: 60 });
    advance(15_000);
    const second = await ask();
    expect(second.status).toBe(504);
    const { requestId: _, ...rest } = first.body;
    expect(second.body).toMatchObject({ ...rest, retryAfterSeconds: 45 });
    expect(second.headers.get('retry-after')).toBe('45');
    expect([replayed(second), writeIdOf(second)]).toEqual(['true', writeIdOf(first)]);
    // Old values prove nothing until the vendor must be done.
    vendor.canRead = true;
    expect((await ask()).body).toMatchObject({ code: 'outcome_unknown', retryAfterSeconds: 45 });
    expect(vendor.writes).toBe(1);
  });

  it('is answered as applied once the values are shown, and stays so', async () => {
    const { ask, gateway, vendor } = await start();
    const first = await ask();
    vendor.canRead = true;
    vendor.set('Berlin');
    const second = await ask();
    expect(second.status).toBe(200);
    expect(second.body).toMatchObject({
      profile: { id: `acme:${ID}`, attributes: { site: 'Berlin' } },
      write: { outcome: 'applied', evidence: 'read_back', lockScope: 'process' },
    });
    expect(second.headers.get('etag')).toMatch(/^"/);
    expect([replayed(second), writeIdOf(second)]).toEqual(['true', writeIdOf(first)]);
    vendor.set('Cologne');
    const { reads } = vendor;
    const third = await ask();
    expect(third.text).toBe(second.text);
    expect(third.headers.get('etag')).toBe(second.headers.get('etag'));
    expect([vendor.reads, vendor.writes]).toEqual([reads, 1]);
    expect(gateway.logs.at(-2)).toMatchObject({ outcome: 'applied', replayed: true });
  });

  it.each([
    ["by the vendor's clock", {}],
    ['by the profile that was read before', { 'if-match': '*' }],
  ])('is answered as rejected once it is settled and proven, %s', async (_, headers) => {
    const { advance, ask, vendor } = await start();
    vendor.canRead = Object.hasOwn(headers, 'if-match');
    vendor.hasClock = !vendor.canRead;
    const first = await ask(headers);
    expect(first.body).toMatchObject({ outcome: 'unknown' });
    const { writes } = vendor;
    vendor.canRead = true;
    advance(SETTLE_MS - 1);
    expect((await ask(headers)).body).toMatchObject({ outcome: 'unknown', retryAfterSeconds: 1 });
    advance(1);
    const known = await ask(headers);
    expect(known.body).toMatchObject({
      status: 502,
      code: 'not_stored',
      outcome: 'rejected',
      applied: [],
      notApplied: ['/attributes/site'],
    });
    expect([replayed(known), writeIdOf(known)]).toEqual(['true', writeIdOf(first)]);
    vendor.set('Berlin');
    expect((await ask(headers)).body).toMatchObject({ code: 'not_stored' });
    expect(vendor.writes).toBe(writes);
  });

  it('stays unknown where nothing is proven, without a time to wait', async () => {
    const { advance, ask, vendor } = await start();
    await ask();
    vendor.canRead = true;
    vendor.set('Cologne');
    advance(SETTLE_MS);
    const settled = await ask();
    expect(settled.body).toMatchObject({ code: 'outcome_unknown', outcome: 'unknown' });
    expect(settled.body).not.toHaveProperty('retryAfterSeconds');
    expect(settled.headers.get('retry-after')).toBeNull();
    vendor.set('Berlin');
    expect((await ask()).body).toMatchObject({ write: { outcome: 'applied' } });
    expect(vendor.writes).toBe(1);
  });

  it('says what was lost, and shows no more of the profile than was asked for', async () => {
    const { ask, vendor } = await start();
    const headers = { prefer: 'handling=lenient, return=minimal', 'if-match': '*' };
    const body = { description: 'x', attributes: { site: 'Berlin' } };
    vendor.canRead = true;
    await ask(headers, body);
    vendor.set('Berlin');
    const known = await ask(headers, body);
    expect(Object.keys(known.body)).toEqual(['write']);
    expect(known.body).toMatchObject({
      write: {
        outcome: 'applied',
        losses: [{ pointer: '/description', kind: 'dropped' }],
        precondition: 'emulated',
      },
    });
    expect(known.headers.get('preference-applied')).toBe('handling=lenient, return=minimal');
  });

  it('reads nothing from a target that is drained', async () => {
    const { ask, gateway, vendor } = await start();
    const first = await ask();
    vendor.canRead = true;
    vendor.set('Berlin');
    await gateway.ask('POST', '/admin/targets/acme/drain');
    const { reads } = vendor;
    const drained = await ask();
    expect(drained.body).toMatchObject({ code: 'outcome_unknown', outcome: 'unknown' });
    expect([replayed(drained), writeIdOf(drained)]).toEqual(['true', writeIdOf(first)]);
    expect(vendor.reads).toBe(reads);
    await gateway.ask('POST', '/admin/targets/acme/undrain');
    expect((await ask()).body).toMatchObject({ write: { outcome: 'applied' } });
  });
});

describe('a write that the vendor has rejected', () => {
  it.each([
    ['for a reason that passes', 429, 200, 2],
    ['by its own rules', 409, 409, 1],
  ])('%s (%i) is answered with %i when it is repeated', async (_, refusesWith, status, writes) => {
    const { ask, vendor } = await start();
    Object.assign(vendor, { losesAnswers: false, canRead: true, refusesWith });
    expect((await ask()).body).toMatchObject({ outcome: 'rejected' });
    vendor.refusesWith = 0;
    const again = await ask();
    expect(again.status).toBe(status);
    expect(vendor.writes).toBe(writes);
  });
});
