import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPostgresDatabase } from '../../src/node/state/postgres/database.ts';
import {
  CANDIDATES,
  CANDIDATES_IN,
  COUNT_CANDIDATES,
  ITEMS_AT,
  ITEMS_OF,
  KEYS_OF_LINKS,
} from '../../src/node/state/postgres/matches/candidates.ts';
import { GROUPS_AFTER, GROUPS_OF } from '../../src/node/state/postgres/matches/groups.ts';
import { CLEAR_LINKS, STORE_STEP } from '../../src/node/state/postgres/matches/steps.ts';
import { PINNED_PLANS, type SqlStatement } from '../../src/node/state/postgres/session.ts';
import {
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from './postgres-server.ts';

const skipped = reasonToSkip('match-plans', 'postgresql');
/** As many runs as the state keeps, all of the same profiles and links, and the rows of each. */
const RUNS = 20;
const ROWS = 2_000;
const PAGE = 50;

/** Statements with values of the last run, and most rows that each may read. */
const READS: readonly (readonly [SqlStatement, readonly string[], number])[] = [
  [CANDIDATES, [`'run 20'`, `'key 20 1'`, String(PAGE)], PAGE],
  [CANDIDATES_IN, [`'run 20'`, `'key 20 1'`, String(PAGE), `'ambiguous'`], PAGE],
  [COUNT_CANDIDATES, [`'run 20'`], ROWS],
  [ITEMS_OF, [`'run 20'`, `'{key 20 1,key 20 2}'`, '21'], 4],
  [ITEMS_AT, [`'run 20'`, `'{0,1}'`, `'{id 1,id 2}'`], 2],
  [KEYS_OF_LINKS, [`'run 20'`, `'{0}'`, `'{id 1}'`, `'{link 2,link 3}'`], 5],
  [GROUPS_AFTER, [`'run 20'`, `'acme'`, `'far'`, `'key 20 1'`, String(PAGE)], 3 * PAGE + 2],
  [GROUPS_OF, [`'run 20'`, `'acme'`, `'far'`, `'{key 20 1,key 20 2}'`], 6],
  [CLEAR_LINKS, [`'run 20'`, '1', String(PAGE)], 2 * PAGE + 1],
  [
    STORE_STEP,
    [
      ...[`'run 20'`, '1', `'{}'`, `'running'`, `''`, '60000'],
      ...[`'{link 2,link 3}'`, `'{0}'`, `'{id 2}'`, `'{link 2}'`, `'{id 3}'`],
      ...[`'{}'`, `'{}'`, `'{}'`, `'{}'`, `'{}'`, `'{}'`, `'{}'`],
    ],
    10,
  ],
];

type Plan = {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
};

describe.skipIf(skipped !== undefined)('match runs in PostgreSQL, beside earlier ones', () => {
  let server: PostgresServer;
  let session: Client;
  beforeAll(async () => {
    server = await startPostgres();
    const url = server.url();
    await (await openPostgresDatabase({ url, durability: 'power', schema: 'auto' })).close();
    const settings = Object.entries(PINNED_PLANS).map(([key, value]) => `-c ${key}=${value}`);
    session = new Client({ connectionString: url, options: settings.join(' ') });
    await session.connect();
    // Planned while the tables are empty, as by a gateway that starts with a new database.
    for (const [{ name, text }] of READS) await session.query(`PREPARE "${name}" AS ${text}`);
    await session.query(`
      INSERT INTO profile_gateway.match_run (id, by, spec, progress, fence, leased_until)
        SELECT 'run ' || r, '', '{}', '{}', 1, clock_timestamp() + interval '1 hour'
        FROM generate_series(1, ${RUNS}) r;
      INSERT INTO profile_gateway.match_item
        SELECT 'run ' || r, side, 'id ' || n, 'key ' || r || ' ' || n, true, '', 'link ' || n, 'x'
        FROM generate_series(1, ${RUNS}) r, generate_series(1, ${ROWS}) n,
          generate_series(0, 1) side;
      INSERT INTO profile_gateway.match_candidate
        SELECT 'run ' || r, 'key ' || r || ' ' || n,
          CASE WHEN n % 20 = 0 THEN 'ambiguous' ELSE 'unique' END
        FROM generate_series(1, ${RUNS}) r, generate_series(1, ${ROWS}) n`);
  }, START_MS_MAX);
  afterAll(async () => {
    await session?.end();
    server?.remove();
  });

  async function rowsRead([{ name }, values]: (typeof READS)[number]): Promise<number> {
    await session.query('BEGIN');
    const { rows } = await session.query(
      `EXPLAIN (ANALYZE, TIMING off, FORMAT json) EXECUTE "${name}" (${values.join(', ')})`,
    );
    await session.query('ROLLBACK');
    return readOf(rows[0]['QUERY PLAN'][0].Plan);
  }

  test.each(READS.map((read) => [read[0].name, read] as const))(
    '%s reads the rows of its run alone, in the order of an index',
    async (_, read) => {
      expect(await rowsRead(read)).toBeLessThanOrEqual(read[2]);
    },
  );

  test.each(READS.map((read) => [read[0].name, read] as const))(
    '%s does so once the tables are known',
    async (_, read) => {
      await session.query('ANALYZE');
      expect(await rowsRead(read)).toBeLessThanOrEqual(read[2]);
    },
  );
});

/** Rows of tables that a plan has looked at, those that it left out included. */
function readOf(plan: Plan): number {
  const { 'Actual Loops': loops, 'Actual Rows': found, Plans = [] } = plan;
  const isScan = plan['Relation Name'] !== undefined && plan['Node Type'] !== 'ModifyTable';
  const own = isScan ? loops * (found + (plan['Rows Removed by Filter'] ?? 0)) : 0;
  return Plans.reduce((sum, part) => sum + readOf(part), own);
}
