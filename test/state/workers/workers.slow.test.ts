import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readSeed } from '../../support/counts.ts';
import { randomFrom } from '../chaos/random.ts';
import { startVendors, type Vendors } from '../chaos/vendors.ts';
import { startLoad } from '../rolling/load.ts';
import { startWorkers, type WorkersGateway, withState } from './gateway.ts';

const START_MS_MAX = 60_000;
const COMES_BACK = { timeout: 20_000, interval: 200 };

describe('a gateway of two workers', () => {
  const random = randomFrom(readSeed());
  let vendors: Vendors;
  let gateway: WorkersGateway;

  beforeAll(async () => {
    const whole = { lostShare: 0, lateMsMax: 0, timeoutMs: 5_000, profilesEach: 8 };
    vendors = await startVendors({ random, ...whole, slowMs: 1_200 });
    gateway = await startWorkers(withState(vendors.document));
  }, START_MS_MAX);
  afterAll(async () => {
    await gateway?.stop();
    await vendors?.close();
  }, START_MS_MAX);

  const served = (): Promise<number> =>
    gateway.metric('profile_gateway_requests_total', 'route="/profiles/:id"');

  test('counts the requests of both, and shows their targets as one', async () => {
    await expect.poll(gateway.pids, COMES_BACK).toHaveLength(2);
    const load = startLoad(gateway.origin, vendors.profiles, random);
    await sleep(2_000);
    await load.stop();
    expect(load.failures).toEqual([]);
    const sent = load.asked.length + load.reads();
    expect(await served()).toBe(sent);
    const seconds = 'profile_gateway_request_duration_seconds_count';
    expect(await gateway.metric(seconds, '/profiles/:id')).toBe(sent);
    expect(await gateway.metric('profile_gateway_build_info')).toBe(1);
    expect(await gateway.metric('profile_gateway_circuit_breaker_state', 'senlin')).toBe(1);
    const { targets } = (await gateway.get('/admin/targets')) as {
      targets: { outcomes: { applied: number } }[];
    };
    const applied = targets.reduce((sum, { outcomes }) => sum + outcomes.applied, 0);
    expect(applied).toBe(load.asked.length);
  });

  test('starts a worker again that was killed, and no request hangs', async () => {
    const before = await served();
    const [first = 0, second = 0] = await gateway.pids();
    const load = startLoad(gateway.origin, vendors.profiles, random);
    await sleep(1_000);
    process.kill(first, 'SIGKILL');
    await expect.poll(gateway.pids, COMES_BACK).not.toContain(first);
    await expect.poll(gateway.pids, COMES_BACK).toHaveLength(2);
    await sleep(1_000);
    // Fails where a request takes longer than its caller waits.
    await load.stop();
    expect(await gateway.pids()).toContain(second);
    expect(load.failures.filter((failure) => /abort|timeout/i.test(failure))).toEqual([]);
    // Those that the worker had, and writes of their profiles until another one has closed them.
    const others = load.failures.filter(
      (failure) => !/ECONNRESET|socket hang up|profile_in_doubt|overloaded/.test(failure),
    );
    expect(others).toEqual([]);
    expect(load.asked.filter(({ outcome }) => outcome === 'applied').length).toBeGreaterThan(20);
    expect(gateway.child.stdout()).toContain(`worker ${first} has ended (SIGKILL)`);
    expect(await served()).toBeGreaterThanOrEqual(before);
  });

  test('takes a configuration by all workers or by none', async () => {
    const version = async (): Promise<unknown> => (await gateway.get('/admin/config')).version;
    const versions = async (): Promise<unknown[]> =>
      [...new Set(await Promise.all(Array.from({ length: 12 }, version)))] as unknown[];
    const [old] = await versions();
    const { targets } = vendors.document as { targets: Record<string, object> };
    const more = { ...targets, another: targets.nerm ?? {} };
    gateway.configure(withState({ ...vendors.document, targets: more } as never));
    await expect.poll(async () => (await versions()).includes(old), COMES_BACK).toBe(false);
    expect(await versions()).toHaveLength(1);
    const [taken] = await versions();

    gateway.configure(withState({ ...vendors.document, targets: {} }));
    const rejected = async (): Promise<boolean[]> => {
      const all = await Promise.all(Array.from({ length: 12 }, () => gateway.get('/admin/config')));
      return [...new Set(all.map(({ rejectedReload }) => rejectedReload !== undefined))];
    };
    await expect.poll(rejected, COMES_BACK).toEqual([true]);
    expect(await versions()).toEqual([taken]);

    gateway.configure(withState(vendors.document));
    await expect.poll(versions, COMES_BACK).toEqual([old]);
    expect(await rejected()).toEqual([false]);
  });

  test('reloads once at SIGHUP, also where it comes to every process', async () => {
    const lines = (event: string): number =>
      gateway.child.stdout().split(`"event":"${event}"`).length - 1;
    const before = lines('reloaded');
    gateway.child.kill('SIGHUP');
    await expect.poll(() => lines('reloaded'), COMES_BACK).toBe(before + 2);
    await sleep(1_500);
    expect(lines('reloaded')).toBe(before + 2);
  });

  test('starts a worker again and again until it can serve', async () => {
    const [killed = 0, other = 0] = await gateway.pids();
    gateway.configure(withState({ ...vendors.document, targets: {} }));
    process.kill(killed, 'SIGKILL');
    const ends = (): number => gateway.child.stdout().split('has ended (78)').length - 1;
    await expect.poll(ends, COMES_BACK).toBeGreaterThan(1);
    await expect.poll(gateway.pids, COMES_BACK).toEqual([other]);
    gateway.configure(withState(vendors.document));
    await expect.poll(gateway.pids, COMES_BACK).toHaveLength(2);
  });

  test('writes whole lines of all workers to one output', () => {
    const lines = gateway.child.stdout().split('\n').slice(0, -1);
    expect(lines.length).toBeGreaterThan(100);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });

  test('finishes all requests at SIGTERM, also where it comes to every process', async () => {
    const load = startLoad(gateway.origin, vendors.profiles, random);
    await sleep(500);
    // The whole group: the workers get the signal too, and must not take it for a second one.
    gateway.child.kill('SIGTERM');
    const stopped = load.stop();
    const ready = () => fetch(`${gateway.origin}/readyz`).then(({ status }) => status);
    await expect.poll(ready, COMES_BACK).toBe(503);
    await stopped;
    expect(await gateway.child.ended).toBe(0);
    // Marks of the worker that was killed may still stand.
    expect(load.failures.filter((one) => !one.includes('profile_in_doubt'))).toEqual([]);
  });
});
