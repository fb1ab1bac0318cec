import { afterAll, beforeAll, describe } from 'vitest';
import {
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from '../postgres-server.ts';
import { TROUBLES } from './chaos.ts';
import { postgresStore } from './stores.ts';
import { chaosSuite } from './suite.ts';

const skipped = reasonToSkip('chaos on PostgreSQL', 'postgresql');

describe.skipIf(skipped !== undefined)('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, START_MS_MAX);
  afterAll(() => server?.remove());

  chaosSuite({ open: () => postgresStore(server), troubles: TROUBLES });
});
