import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { end } from '../../support/child.ts';
import { call, expectProblem, patch, read } from '../../support/client.ts';
import { nermAt, type Running, run, type Stage, setStage, until, uuid } from './stage.ts';

const OPS = 'key-of-the-operators';
const WATCHER = 'key-of-the-watcher-1';
const PORTAL = 'key-of-the-portal-01';
const NERM_TOKEN = 'sandbox-nerm-token';
const SECRETS = [OPS, WATCHER, PORTAL, NERM_TOKEN, 'a-wrong-nerm-token'];
const ID = `nerm:${uuid(1)}`;
const CALLERS: JsonObject = {
  ops: { key: OPS, scopes: ['admin'] },
  watcher: { key: WATCHER, scopes: ['admin:read'] },
  portal: { keys: [PORTAL], scopes: ['profiles:read', 'profiles:write'] },
};

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
  stage.nerm.seed(uuid(1), { name: 'One' });
});
afterAll(() => stage.stop());

const bearer = (key: string) => ({ authorization: `Bearer ${key}` });

function document(more: JsonObject = {}): JsonObject {
  const wrong = { ...nermAt(stage), auth: { method: 'token', token: 'a-wrong-nerm-token' } };
  const dead = { ...nermAt(stage), baseUrl: 'http://127.0.0.1:9/api', idNamespace: 'far' };
  return {
    version: 1,
    listen: { drainDelayMs: 0 },
    targets: { nerm: nermAt(stage), wrong, dead },
    routes: [{ match: { header: { 'x-copy': NERM_TOKEN } }, to: 'nerm' }, { to: 'nerm' }],
    ...more,
  };
}

async function start(more: JsonObject = {}): Promise<Running> {
  const running = await run(stage.put('gateway.json', JSON.stringify(document(more))));
  onTestFinished(() => end(running.child).then(() => {}));
  return running;
}

async function targetOf({ origin }: Running, name: string, headers = {}) {
  const { status, text } = await call(origin, '/admin/targets', { headers });
  expect(status).toBe(200);
  const { targets } = JSON.parse(text);
  return targets.find(({ target }: { target: string }) => target === name);
}

describe('who may ask', () => {
  test('with callers only the scope admin, or admin:read to look, and everybody for /readyz', async () => {
    const { origin } = await start({ callers: CALLERS });
    const paths: [string, string][] = [
      ['GET', '/admin/targets'],
      ['GET', '/admin/config'],
      ['POST', '/admin/targets/nerm/drain'],
      ['POST', '/admin/targets/nerm/undrain'],
    ];
    for (const [method, path] of paths) {
      expectProblem(await call(origin, path, { method }), 401, 'unauthenticated');
      const portal = { method, headers: bearer(PORTAL) };
      expectProblem(await call(origin, path, portal), 403, 'forbidden');
      expect((await call(origin, path, { method, headers: bearer(OPS) })).status).toBe(200);
      const watcher = { method, headers: bearer(WATCHER) };
      const seen = method === 'GET' ? 200 : 403;
      expect((await call(origin, path, watcher)).status).toBe(seen);
    }
    expect((await call(origin, '/readyz')).status).toBe(200);
    const unknown = { method: 'POST', headers: bearer(OPS) };
    expectProblem(await call(origin, '/admin/targets/x/drain', unknown), 404, 'unknown_target');
    expectProblem(await call(origin, '/admin/targets/nerm/drain'), 405, 'method_not_allowed');
  });

  test('an own listener on loopback asks for nothing, and nothing else is there', async () => {
    const running = await start({ callers: CALLERS, admin: { port: 0 } });
    const [, own = ''] = await running.child.says(/"admin_listening","message":"(http:[^"]+)"/);
    for (const path of ['/admin/targets', '/admin/config', '/metrics']) {
      const there = await call(running.origin, path, { headers: bearer(OPS) });
      expectProblem(there, 404, 'not_found');
      expect((await call(own, path)).status).toBe(200);
      const foreign = await call(own, path, { headers: { host: 'gateway.example.com' } });
      expectProblem(foreign, 403, 'forbidden');
    }
    for (const path of [`/profiles/${ID}`, '/capabilities']) {
      expectProblem(await call(own, path, { headers: bearer(PORTAL) }), 404, 'not_found');
      expect((await call(running.origin, path, { headers: bearer(PORTAL) })).status).toBe(200);
    }
    expect((await call(own, '/readyz')).status).toBe(200);
  });
});

test('GET /admin/config shows what is in force, no secret, and a refused reload', async () => {
  const running = await start({ callers: CALLERS });
  const { child, origin } = running;
  const shown = async () => (await call(origin, '/admin/config', { headers: bearer(OPS) })).text;
  const first = JSON.parse(await shown());
  expect(first).toEqual({
    version: expect.stringMatching(/^[0-9a-f]{16}$/),
    loadedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    configuration: expect.objectContaining({
      listen: { host: '127.0.0.1', port: 8787, drainDelayMs: 0 },
      targets: expect.objectContaining({
        nerm: expect.objectContaining({
          vendor: 'nerm',
          idNamespace: 'nerm',
          mode: 'active',
          auth: expect.objectContaining({ token: '«secret:targets.nerm.auth.token»' }),
        }),
      }),
      callers: {
        ops: { key: '«secret:callers.ops.key»', scopes: ['admin'] },
        watcher: { key: '«secret:callers.watcher.key»', scopes: ['admin:read'] },
        portal: expect.objectContaining({ keys: ['«secret:callers.portal.keys.0»'] }),
      },
    }),
  });
  // A secret that stands in a second place is hidden there too.
  expect(first.configuration.routes[0].match.header['x-copy']).toMatch(/^«secret:targets\./);
  for (const secret of SECRETS) expect(await shown()).not.toContain(secret);

  stage.put('gateway.json', JSON.stringify(document({ callers: CALLERS, surprise: OPS })));
  child.kill('SIGHUP');
  await child.says(/"event":"reload_rejected"/);
  const second = JSON.parse(await shown());
  expect(second).toMatchObject({
    version: first.version,
    loadedAt: first.loadedAt,
    rejectedReload: { problems: [{ path: 'surprise', message: 'is not a known key' }] },
  });
  expect((await call(origin, '/readyz')).json).toMatchObject({
    status: 'ready',
    degraded: [{ part: 'configuration', reason: 'reload_rejected' }],
  });
  expect(child.stdout()).not.toContain(OPS);

  stage.put('gateway.json', JSON.stringify(document({ callers: CALLERS, routes: [] })));
  child.kill('SIGHUP');
  await child.says(/"event":"reloaded"/);
  const third = JSON.parse(await shown());
  expect(third).not.toHaveProperty('refused');
  expect(third.version).not.toBe(first.version);
  expect((await call(origin, '/readyz')).json).toMatchObject({
    version: third.version,
    degraded: [],
  });
});

test('the version of a configuration is in the log and in an explanation', async () => {
  const { child, origin } = await start();
  const { version } = (await call(origin, '/admin/config')).json;
  await read(origin, ID);
  await child.says(new RegExp(`"event":"request".*"version":"${version}"`));
  const body = '{"name":"Two"}';
  const headers = { 'content-type': 'application/merge-patch+json' };
  const told = await call(origin, `/profiles/${ID}/explain`, { method: 'POST', headers, body });
  expect(told.json.version).toBe(version);
});

describe('GET /admin/targets', () => {
  test('tells how each target does', async () => {
    const running = await start();
    const { origin } = running;
    expect(await targetOf(running, 'nerm')).toMatchObject({ health: 'idle', mode: 'active' });
    await read(origin, ID);
    await read(origin, `nerm:${uuid(404)}`);
    await patch(origin, ID, { name: 'Other' });
    await patch(origin, ID, { name: 'Other' });
    await patch(origin, ID, { attributes: { end_date: 'no date' } });
    expect(await targetOf(running, 'nerm')).toMatchObject({
      vendor: 'nerm',
      idNamespace: 'nerm',
      configuredMode: 'active',
      health: 'healthy',
      recent: { total: 5, failed: 0 },
      inFlight: { reads: 0, writes: 0 },
      outcomes: { read: 1, readFailed: 1, rejected: 1, partial: 0, unknown: 0 },
      credentials: { coolingDown: false, retryAfterSeconds: 0 },
      retryBudget: { left: 10, max: 10 },
      circuitBreaker: 'closed',
    });
    const { applied, noop } = (await targetOf(running, 'nerm')).outcomes;
    expect(applied + noop).toBe(2);

    await read(origin, `wrong:${uuid(1)}`);
    await read(origin, `dead:${uuid(1)}`);
    expect(await targetOf(running, 'wrong')).toMatchObject({
      health: 'failing',
      lastFailure: { code: 'target_unauthorized' },
      credentials: { coolingDown: true, retryAfterSeconds: 30 },
    });
    expect(await targetOf(running, 'dead')).toMatchObject({
      idNamespace: 'far',
      health: 'failing',
      lastFailure: { code: 'target_unavailable' },
    });
    // One that is down does not make the gateway less ready.
    const ready = await call(origin, '/readyz');
    expect(ready.status).toBe(200);
    expect(ready.json.degraded).toEqual([
      { part: 'targets', reason: 'credentials_rejected', count: 1, targets: ['wrong'] },
      { part: 'targets', reason: 'failing', count: 1, targets: ['dead'] },
    ]);
  });

  test('counts what is in flight', async () => {
    const running = await start();
    const release = stage.hold();
    const answers = [read(running.origin, ID), patch(running.origin, ID, { name: 'x' })];
    await until(async () => {
      const { inFlight } = await targetOf(running, 'nerm');
      return inFlight.reads === 1 && inFlight.writes === 1;
    }, 'one of each');
    release();
    await Promise.all(answers);
    const { inFlight } = await targetOf(running, 'nerm');
    expect(inFlight).toEqual({ reads: 0, writes: 0 });
  });
});

test('a drained target is sent nothing until it is undrained, reloads notwithstanding', async () => {
  const running = await start({ callers: CALLERS });
  const { child, origin } = running;
  const post = (word: string) =>
    call(origin, `/admin/targets/nerm/${word}`, { method: 'POST', headers: bearer(OPS) });
  const drained = await post('drain');
  expect(drained.json).toMatchObject({
    mode: 'drained',
    configuredMode: 'active',
    drained: { by: 'ops' },
  });
  // Said again, it stays drained since the first time.
  expect((await post('drain')).json.drained).toEqual(drained.json.drained);
  const arrived = stage.arrived();
  const portal = bearer(PORTAL);
  expectProblem(await read(origin, ID, portal), 503, 'target_unavailable');
  expectProblem(await patch(origin, ID, { name: 'x' }, portal), 503, 'target_unavailable');

  // Another account under the same name is still what the operator drained.
  const targets = { nerm: { ...nermAt(stage, { timeoutMs: 999 }), idNamespace: 'other' } };
  stage.put('gateway.json', JSON.stringify(document({ callers: CALLERS, targets })));
  child.kill('SIGHUP');
  await child.says(/"event":"reloaded"/);
  expect((await targetOf(running, 'nerm', bearer(OPS))).mode).toBe('drained');
  expectProblem(await read(origin, ID, portal), 503, 'target_unavailable');
  expect(stage.arrived()).toBe(arrived);
  // Names of targets are for those who may know them.
  expect((await call(origin, '/readyz')).json.degraded).toEqual([
    { part: 'targets', reason: 'drained', count: 1 },
  ]);

  expect((await post('undrain')).json).toMatchObject({ mode: 'active' });
  expect((await read(origin, ID, portal)).status).toBe(200);
  expect(child.stdout()).toMatch(/"caller":"ops".*"message":"drained"|"message":"drained"/);
});
