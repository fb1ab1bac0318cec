import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { startWorkers, type WorkersGateway, withState } from './gateway.ts';

const COMES_BACK = { timeout: 20_000, interval: 200 };
/** Longer than a worker may be silent. */
const SILENT_MS_MAX = 60_000;
const TEST_MS_MAX = 120_000;

const document = withState({
  version: 1,
  targets: {
    acme: {
      vendor: 'nerm',
      baseUrl: 'http://127.0.0.1:9/api',
      auth: { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' },
    },
  },
});

let gateway: WorkersGateway | undefined;
afterEach(async () => await gateway?.stop());

async function start(workers = 2, flags: string[] = []): Promise<WorkersGateway> {
  gateway = await startWorkers(document, workers, flags);
  return gateway;
}

/** Has each process wait before it loads the gateway, as slow disks do. */
const SLOW_START = ['--import=data:text/javascript,await(new(Promise)(r=>setTimeout(r,2000)))'];
/** The processes that are started next wait then. */
const STARTING_MS = 700;

test.each([
  ['to the primary', (pid: number) => process.kill(pid, 'SIGTERM')],
  ['to all processes', (pid: number) => process.kill(-pid, 'SIGTERM')],
])(
  'SIGTERM %s ends workers that are still starting',
  async (_, terminate) => {
    // The first one listens, and the others do not yet.
    const { child } = await start(3, SLOW_START);
    await sleep(STARTING_MS);
    const startMs = performance.now();
    terminate(child.pid);
    expect(await child.ended).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  },
  TEST_MS_MAX,
);

test(
  'SIGTERM ends a worker that has just been started again',
  async () => {
    const { child, pids } = await start(2, SLOW_START);
    await expect.poll(pids, COMES_BACK).toHaveLength(2);
    const [killed = 0] = await pids();
    process.kill(killed, 'SIGKILL');
    await child.says(/has ended \(SIGKILL\)/);
    await sleep(STARTING_MS);
    const startMs = performance.now();
    process.kill(child.pid, 'SIGTERM');
    expect(await child.ended).toBe(0);
    expect(performance.now() - startMs).toBeLessThan(20_000);
  },
  TEST_MS_MAX,
);

test(
  'a worker that hangs is killed, and another one follows',
  async () => {
    const { child, pids } = await start();
    await expect.poll(pids, COMES_BACK).toHaveLength(2);
    const [hung = 0] = await pids();
    process.kill(hung, 'SIGSTOP');
    await child.says(new RegExp(`worker ${hung} does not answer any more`), SILENT_MS_MAX);
    await child.says(new RegExp(`worker ${hung} has ended \\(SIGKILL\\)`));
    await expect.poll(pids, COMES_BACK).not.toContain(hung);
    await expect.poll(pids, COMES_BACK).toHaveLength(2);
  },
  TEST_MS_MAX,
);

test(
  'a worker that would open another state than the others does not start',
  async () => {
    const { child, configure, pids } = await start();
    await expect.poll(pids, COMES_BACK).toHaveLength(2);
    const [killed = 0, other = 0] = await pids();
    const state = { ...(document.state as JsonObject), file: './another.db' };
    configure({ ...document, state });
    await child.says(/change with the next start only/);
    process.kill(killed, 'SIGKILL');
    await child.says(/has ended \(78\)/, COMES_BACK.timeout);
    expect(child.stderr()).toContain(
      'listen, admin or state is another one than that of the other',
    );
    await expect.poll(pids, COMES_BACK).toEqual([other]);
    configure(document);
    await expect.poll(pids, COMES_BACK).toHaveLength(2);
  },
  TEST_MS_MAX,
);
