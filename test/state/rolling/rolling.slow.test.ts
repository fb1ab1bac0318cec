import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { count, readSeed } from '../../support/counts.ts';
import { freePort } from '../../support/free-port.ts';
import { findFaults } from '../chaos/checks.ts';
import { randomFrom } from '../chaos/random.ts';
import { openStore } from '../chaos/stores.ts';
import { startVendors, type Vendors } from '../chaos/vendors.ts';
import {
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  serverFolder,
  startPostgres,
} from '../postgres-server.ts';
import { allReceipts } from '../receipts.ts';
import { createReplica, type Replica } from './gateway.ts';
import { startLoad } from './load.ts';
import { type Balancer, startBalancer } from './nginx.ts';
import { laterRelease, type Release, THIS_RELEASE } from './versions.ts';

const REPLICAS = 3;
/** Releases after this one that are rolled out, one after the other. */
const UPDATES = count(1, 6);
const UPDATE_MS_MAX = 120_000;
/** Time of load on each mix of releases. */
const MIXED_MS = count(1_000, 5_000);
/** Longer than the load balancer takes to see that a replica leaves. */
const DRAIN_DELAY_MS = 2_500;
/** Longer than that: such requests are under way when a replica takes no new ones. */
const SLOW_MS = 3_500;

const skipped =
  reasonToSkip('rolling update', 'postgresql') ?? reasonToSkip('rolling update', 'nginx-light');

describe.skipIf(skipped !== undefined)('a rolling update of three replicas behind nginx', () => {
  const random = randomFrom(readSeed());
  const folder = serverFolder('rolling');
  const replicas: Replica[] = [];
  let server: PostgresServer;
  let vendors: Vendors;
  let balancer: Balancer;

  beforeAll(async () => {
    server = await startPostgres();
    const whole = { lostShare: 0, lateMsMax: 0, timeoutMs: 6_000, profilesEach: 12 };
    vendors = await startVendors({ random, ...whole, slowMs: SLOW_MS });
    const configuration = join(folder, 'gateway.json');
    const state = { url: server.url(), hashKey: 'a-hash-key-that-is-not-real' };
    const listen = { drainDelayMs: DRAIN_DELAY_MS };
    writeFileSync(configuration, JSON.stringify({ ...vendors.document, state, listen }));
    for (let i = 0; i < REPLICAS; i += 1) {
      replicas.push(createReplica(configuration, await freePort()));
    }
    await Promise.all(replicas.map(({ start }) => start(THIS_RELEASE)));
    balancer = await startBalancer(replicas.map(({ port }) => port));
  }, START_MS_MAX);

  afterAll(async () => {
    balancer?.stop();
    for (const { kill } of replicas) kill();
    await vendors?.close();
    server?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As a load balancer with health checks: out at the first 503, in at the first 200. */
  async function update(replica: Replica, release: Release): Promise<void> {
    await replica.leave();
    await balancer.lead(replicas.filter((other) => other !== replica).map(({ port }) => port));
    expect(await replica.ended()).toBe(0);
    await replica.start(release);
    await balancer.lead(replicas.map(({ port }) => port));
    await sleep(MIXED_MS);
  }

  test('fails no request and loses no write, old and new ones on the newer tables', {
    timeout: START_MS_MAX + UPDATES * UPDATE_MS_MAX,
  }, async () => {
    const load = startLoad(balancer.origin, vendors.profiles, random);
    await sleep(MIXED_MS);
    const mixes: string[][] = [];
    for (let ahead = 1; ahead <= UPDATES; ahead += 1) {
      const release = laterRelease(ahead);
      for (const replica of replicas) {
        await update(replica, release);
        mixes.push(await openVersions(server));
      }
      release.remove();
    }
    await load.stop();

    expect(load.failures).toEqual([]);
    expect(balancer.repeated()).toEqual([]);
    expect(mixes[0]).toEqual([THIS_RELEASE.version, THIS_RELEASE.version, '0.1.1-later']);
    expect(mixes.at(-1)).toEqual(Array(REPLICAS).fill(`0.${UPDATES}.1-later`));
    const database = await openStore({ url: server.url() }, 5_000);
    const receipts = await allReceipts(database);
    await database.close();
    const { arrived, effects } = vendors;
    const record = { asked: load.asked, arrived, effects: effects(), receipts };
    expect(Object.values(findFaults(record)).flat()).toEqual([]);
    const shown = new Set(record.effects.map(({ number }) => number));
    expect(load.asked.filter(({ number }) => !shown.has(number))).toEqual([]);
    expect(receipts.length).toBe(load.asked.length);
    const line = { updates: UPDATES, writes: load.asked.length, reads: load.reads() };
    process.stdout.write(`rolling update: ${JSON.stringify(line)}\n`);
    expect(load.asked.length).toBeGreaterThan(100);
  });
});

/** The versions of the replicas with open sessions, the lowest first. */
async function openVersions(server: PostgresServer): Promise<string[]> {
  const rows = await server.run('SELECT version FROM profile_gateway.replica WHERE NOT closed');
  return rows.map(({ version }) => String(version)).toSorted();
}
