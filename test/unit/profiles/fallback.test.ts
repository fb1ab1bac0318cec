import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import {
  type Answer,
  createInMemoryGateway,
  type InMemoryGateway,
} from '../../support/in-memory.ts';

const ID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
const PROFILE = { id: ID, name: 'before', attributes: {}, updated_at: '2026-01-01T00:00:00.000Z' };

/** How each target's vendor answers: by its host. */
type Vendor = (request: Request) => Response | Promise<Response>;
const fine: Vendor = ({ method }) =>
  Response.json({ profile: method === 'GET' ? PROFILE : { ...PROFILE, name: 'after' } });
const unavailable: Vendor = () => new Response('{}', { status: 503 });
const missing: Vendor = () => Response.json({ error: 'profile not found' }, { status: 400 });

const targetOf = (name: string, more: JsonObject = {}): JsonObject => ({
  vendor: 'nerm',
  baseUrl: `https://${name}.test/api`,
  idNamespace: 'people',
  auth: { method: 'token', token: `an-api-key-of-${name}` },
  ...more,
});

/** Requests to the vendors of the gateway that was made last. */
let asked: string[] = [];

/** A gateway of two targets, `first` and `second`, where the second serves for the first. */
async function gatewayOf(
  first: Vendor,
  second: Vendor,
  more: { readonly first?: JsonObject; readonly second?: JsonObject } = {},
): Promise<InMemoryGateway> {
  const vendors: Readonly<Record<string, Vendor>> = { first, second };
  asked = [];
  return createInMemoryGateway({
    document: {
      version: 1,
      targets: {
        first: targetOf('first', more.first),
        second: targetOf('second', more.second),
      },
      routes: [{ to: 'first', fallback: ['second'] }],
    },
    fetch: (request) => {
      const [name = ''] = new URL(request.url).host.split('.');
      asked.push(`${name} ${request.method}`);
      return vendors[name]?.(request) ?? Response.error();
    },
  });
}

const patch = ({ ask }: InMemoryGateway, headers: Record<string, string> = {}): Promise<Answer> =>
  ask('PATCH', `/profiles/${ID}`, { body: { name: 'after' }, headers });
const read = ({ ask }: InMemoryGateway): Promise<Answer> => ask('GET', `/profiles/${ID}`);

describe('a read', () => {
  test('is served by the next target where the first cannot', async () => {
    const { body } = await read(await gatewayOf(unavailable, fine));
    expect(body.profile).toMatchObject({ target: 'second', name: 'before' });
    expect(asked.slice(-1)).toEqual(['second GET']);
    expect(asked.filter((line) => line === 'first GET').length).toBeGreaterThan(0);
  });

  test('stays with the first that answers, also that there is no such profile', async () => {
    expect((await read(await gatewayOf(fine, missing))).body.profile).toMatchObject({
      target: 'first',
    });
    expect(asked).toEqual(['first GET']);
    const { body, status } = await read(await gatewayOf(missing, fine));
    expect([status, body.code, body.target]).toEqual([404, 'profile_not_found', 'first']);
    expect(asked).toEqual(['first GET']);
  });

  test('goes to no target that is drained', async () => {
    const gateway = await gatewayOf(unavailable, fine, { second: { mode: 'drained' } });
    const { body, status } = await read(gateway);
    expect([status, body.code, body.target]).toEqual([503, 'target_unavailable', 'first']);
    expect(asked.filter((line) => line.startsWith('second'))).toEqual([]);
  });
});

test('what a sandbox had a part in is marked, although another target serves', async () => {
  const sandbox: Vendor = () =>
    new Response('{}', { status: 503, headers: { 'x-gateway-sandbox': 'nerm' } });
  const { headers } = await read(await gatewayOf(sandbox, fine));
  expect(headers.has('x-gateway-sandbox')).toBe(true);
  const real = await read(await gatewayOf(unavailable, fine));
  expect(real.headers.has('x-gateway-sandbox')).toBe(false);
});

describe('a write', () => {
  test('goes to the next target where its first request was a read that failed', async () => {
    const gateway = await gatewayOf(unavailable, fine);
    const { body } = await patch(gateway, { 'if-match': '*' });
    expect(body.write).toMatchObject({ outcome: 'applied', target: 'second' });
    expect(asked.slice(-2)).toEqual(['second GET', 'second PATCH']);
    expect(asked).not.toContain('first PATCH');
  });

  test('goes to the next target where the first is drained, not where it is read-only', async () => {
    const drained = await patch(await gatewayOf(fine, fine, { first: { mode: 'drained' } }));
    expect(drained.body.write).toMatchObject({ outcome: 'applied', target: 'second' });
    expect(asked).toEqual(['second PATCH']);
    const readOnly = await patch(await gatewayOf(fine, fine, { first: { mode: 'read_only' } }));
    expect(readOnly.body).toMatchObject({ code: 'target_read_only', outcome: 'rejected' });
    expect(asked).toEqual([]);
  });

  test.each<[string, Vendor]>([
    ['is refused by the vendor', () => new Response('{}', { status: 400 })],
    ['is not allowed by the vendor', () => new Response('{}', { status: 403 })],
    ['finds no profile', missing],
    ['may have been applied', unavailable],
  ])('stays where it %s', async (_, first) => {
    const { body } = await patch(await gatewayOf(first, fine));
    expect(body.target).toBe('first');
    expect(asked.filter((line) => line.startsWith('second'))).toEqual([]);
  });

  test('stays where it is done', async () => {
    const { body } = await patch(await gatewayOf(fine, fine));
    expect(body.write).toMatchObject({ outcome: 'applied', target: 'first' });
    expect(asked).toEqual(['first PATCH']);
  });

  test('stays where the profile is another than the condition names', async () => {
    const gateway = await gatewayOf(fine, fine);
    const { body } = await patch(gateway, { 'if-match': '"another"' });
    expect(body).toMatchObject({ code: 'precondition_failed', target: 'first' });
    expect(asked).toEqual(['first GET']);
  });
});
