import { beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { openGatewayHere } from '../../console/in-process.ts';
import { CONSOLE_KEYS, SLOW } from '../../console/stage.ts';
import { NERM } from '../../support/profiles.ts';
import { checked } from '../openapi/response-check.ts';

type CallerName = keyof typeof CONSOLE_KEYS;

let gateway: Awaited<ReturnType<typeof openGatewayHere>>['gateway'];
beforeAll(async () => {
  ({ gateway } = await openGatewayHere());
});

async function ask(path: string, caller: CallerName = 'watcher') {
  const headers = { authorization: `Bearer ${CONSOLE_KEYS[caller]}` };
  const answer = await gateway.ask('GET', path, { headers });
  const { status, text } = answer;
  await checked('GET', path, { status, text, headers: Object.fromEntries(answer.headers) });
  return { status, body: JSON.parse(text) };
}

async function patch(id: string, attributes: JsonObject) {
  const headers = { authorization: `Bearer ${CONSOLE_KEYS.portal}` };
  await gateway.ask('PATCH', `/profiles/${id}`, { body: { attributes }, headers });
}

describe('the gateway as operators see it', () => {
  test('counts of the hour, and the processes that they are of', async () => {
    await patch(NERM, { cost_centre: '4701' });
    await patch(NERM, { end_date: 'a value that the vendor rejects' });
    await patch(SLOW, { cost_centre: '4702' });
    await ask(`/profiles/${NERM}`, 'portal');
    const { body } = await ask('/admin/stats');
    expect(body.processes).toEqual([expect.stringMatching(/^.+\/\d+$/)]);
    expect(body.total).toMatchObject({
      requests: 4,
      outcomes: { read: 1, applied: 1, rejected: 1, unknown: 1, refused: 0 },
    });
    expect(body.slots).toHaveLength(120);
  });

  test('failures of a target; the words of the vendor only for who may read profiles', async () => {
    const { body } = await ask('/admin/targets/nerm-demo');
    expect(body).toMatchObject({ target: 'nerm-demo', mode: 'active' });
    expect(body.failures).toMatchObject([
      { purpose: 'write', outcome: 'rejected', code: 'rejected_by_target' },
    ]);
    expect(body.capabilities.fields.length).toBeGreaterThan(3);
    expect(body.failures[0].upstream).not.toHaveProperty('message');
    const read = await ask('/admin/targets/nerm-demo', 'operations');
    expect(read.body.failures[0].upstream.message).toEqual(expect.any(String));
    const slow = await ask('/admin/targets/nerm-slow');
    expect(slow.body.failures).toMatchObject([{ outcome: 'unknown', code: 'outcome_unknown' }]);
    const nobody = await ask('/admin/targets/nobody');
    expect(nobody).toMatchObject({ status: 404, body: { code: 'unknown_target' } });
  });

  test('at most ten failures are kept, the latest first', async () => {
    for (let i = 0; i < 12; i += 1) await patch(NERM, { end_date: `never ${i}` });
    const { body } = await ask('/admin/targets/nerm-demo', 'operations');
    expect(body.failures).toHaveLength(10);
    expect(body.outcomes.rejected).toBe(13);
  });

  test('the caller, and what it may', async () => {
    const watcher = { caller: 'watcher', scopes: ['admin:read'] };
    expect((await ask('/admin/caller')).body).toEqual(watcher);
    const scopes = ['profiles:read', 'profiles:write', 'admin:read', 'admin'];
    expect((await ask('/admin/caller', 'operations')).body.scopes).toEqual(scopes);
    expect((await ask('/admin/caller', 'portal')).status).toBe(403);
  });

  test('the rules in their order, and who goes where', async () => {
    const { rules, resolved } = (await ask('/admin/routes')).body;
    expect(resolved).toBeUndefined();
    expect(rules.map(({ rule }: { rule: string }) => rule)).toEqual(
      [0, 1, 2, 3].map((i) => `routes.${i}`),
    );
    expect(rules[1].unreachableBehind).toBe('routes.0');
    expect(rules[0].unreachableBehind).toBeUndefined();
    const [, upstreamId = ''] = NERM.split(':');
    const ids = [`emp-${upstreamId}`, upstreamId, 'proj-4', NERM, 'nobody:1'];
    const query = new URLSearchParams({ ids: ids.join('\r\n'), headers: 'X-Tenant: acme' });
    const asked = await ask(`/admin/routes?${query}`);
    expect(asked.body.resolved).toMatchObject([
      { id: ids[0], code: 'invalid_id' },
      { id: upstreamId, target: 'senlin-demo', rule: 'routes.3', upstreamId },
      { id: 'proj-4', code: 'invalid_id' },
      { id: NERM, target: 'nerm-demo', upstreamId },
      { id: 'nobody:1', code: 'unknown_target' },
    ]);
  });

  test('a caller who is named goes only to targets that it may use', async () => {
    const key = 'pgw_key-of-the-narrow-caller-1';
    const callers = {
      watcher: { key: CONSOLE_KEYS.watcher, scopes: ['admin:read'] },
      narrow: { key, scopes: ['profiles:read'], targets: ['iam-*'] },
    };
    const other = (await openGatewayHere({ callers })).gateway;
    const headers = { authorization: `Bearer ${CONSOLE_KEYS.watcher}` };
    const goes = async (caller: string) => {
      const query = new URLSearchParams({ ids: NERM, caller });
      const { text } = await other.ask('GET', `/admin/routes?${query}`, { headers });
      return JSON.parse(text).resolved;
    };
    expect(await goes('narrow')).toMatchObject([{ id: NERM, code: 'forbidden' }]);
    expect(await goes('watcher')).toMatchObject([{ id: NERM, target: 'nerm-demo' }]);
  });

  test.each([
    ['too many ids', new URLSearchParams({ ids: Array(101).fill('emp-17').join('\n') })],
    ['an id that is too long', new URLSearchParams({ ids: 'x'.repeat(257) })],
    ['another parameter', new URLSearchParams({ id: 'emp-17' })],
  ])('%s is no filter', async (_, query) => {
    const { body, status } = await ask(`/admin/routes?${query}`);
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_filter' });
  });
});
