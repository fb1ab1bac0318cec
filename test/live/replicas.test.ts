import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createReplicaProcess, type ReplicaProcess } from '../state/chaos/replica-process.ts';
import {
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from '../state/postgres-server.ts';
import { count } from '../support/counts.ts';
import { adminOf, createLiveGateway, type Loose } from './live-gateway.ts';
import { lostOf } from './lost-keys.ts';
import { realServers } from './targets.ts';

const servers = realServers(process.env);
const ROUNDS = count(25, 500);
const REPLICAS = 3;
const skipped = servers === undefined ? 'no servers' : reasonToSkip('live replicas', 'postgresql');

describe.skipIf(skipped !== undefined)('three gateways with one PostgreSQL', () => {
  let server: PostgresServer;
  let replicas: readonly ReplicaProcess[] = [];

  beforeAll(async () => {
    server = await startPostgres();
    const real = servers ?? {};
    const target = { vendor: 'senlin', baseUrl: real.senlin ?? '', auth: adminOf(real) };
    replicas = Array.from({ length: REPLICAS }, (_, i) =>
      createReplicaProcess({
        name: `replica-${i}`,
        document: { version: 1, targets: { 'senlin-live': target } },
        store: { url: server.url() },
        sessionMs: 10_000,
        settleMs: 60_000,
      }),
    );
    await Promise.all(replicas.map(({ start }) => start()));
  }, START_MS_MAX);

  afterAll(async () => {
    await Promise.all(replicas.map(({ kill }) => kill()));
    server?.remove();
  });

  it(`lose no patch of a real Senlin's profile in ${ROUNDS} rounds`, async () => {
    const live = await createLiveGateway(servers ?? {});
    const id = await live.createProfile();
    const ask = async (method: string, attributes: object | null | undefined, i: number) => {
      const response = await fetch(
        `${replicas[i % REPLICAS]?.origin()}/profiles/senlin-live:${id}`,
        attributes === undefined
          ? { method }
          : {
              method,
              headers: { 'content-type': 'application/merge-patch+json' },
              body: JSON.stringify({ attributes }),
            },
      );
      const body: Loose = JSON.parse(await response.text());
      expect(response.status, JSON.stringify(body)).toBe(200);
      return body;
    };
    let lost = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await ask('PATCH', null, round);
      lost += await lostOf(
        round,
        (attributes, i) => ask('PATCH', attributes, i),
        async () => (await ask('GET', undefined, round)).profile?.attributes ?? {},
      );
    }
    expect(lost).toBe(0);
  }, 1_200_000);
});
