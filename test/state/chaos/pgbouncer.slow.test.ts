import { afterAll, beforeAll, describe } from 'vitest';
import {
  type PooledServer,
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPgBouncer,
  startPostgres,
} from '../postgres-server.ts';
import { TROUBLES } from './chaos.ts';
import { postgresStore } from './stores.ts';
import { chaosSuite } from './suite.ts';

const skipped = reasonToSkip('chaos behind PgBouncer', 'pgbouncer');

describe.skipIf(skipped !== undefined)('PostgreSQL behind PgBouncer', () => {
  let server: PostgresServer;
  let pooler: PooledServer;
  beforeAll(async () => {
    server = await startPostgres();
    pooler = await startPgBouncer(server);
  }, START_MS_MAX);
  afterAll(() => {
    pooler?.stop();
    server?.remove();
  });

  chaosSuite({ open: () => postgresStore(server, pooler.port), troubles: TROUBLES });
});
