import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ANSWERS, FREE_KEYS } from '../../src/node/state/postgres/answers.ts';
import { DRAIN, UNDRAIN } from '../../src/node/state/postgres/control.ts';
import { openPostgresDatabase } from '../../src/node/state/postgres/database.ts';
import { IN_DOUBT, LIFT_DOUBT, RAISE } from '../../src/node/state/postgres/doubts.ts';
import { END, END_WITH_UNLINK, ENDED } from '../../src/node/state/postgres/ends.ts';
import { NOTE_HISTORY, SETTLED } from '../../src/node/state/postgres/history.ts';
import {
  AMEND,
  ANNOUNCE,
  BEGIN,
  LEAVE_OPEN,
  REFUSED,
} from '../../src/node/state/postgres/leases.ts';
import { LINK_CHANGES, STALE } from '../../src/node/state/postgres/links.ts';
import { TAKE_OVER } from '../../src/node/state/postgres/replicas.ts';
import { PINNED_PLANS, type SqlStatement } from '../../src/node/state/postgres/session.ts';
import {
  type PostgresServer,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from './postgres-server.ts';

const skipped = reasonToSkip('postgres-plans', 'postgresql');
const HOT = [
  ...[
    BEGIN,
    REFUSED,
    AMEND,
    ANNOUNCE,
    LEAVE_OPEN,
    FREE_KEYS,
    END,
    END_WITH_UNLINK,
    ENDED,
    ANSWERS,
    IN_DOUBT,
    RAISE,
    LIFT_DOUBT,
    TAKE_OVER,
  ],
  ...[STALE, LINK_CHANGES, NOTE_HISTORY, SETTLED, DRAIN, UNDRAIN],
];
const ROWS = 100_000;

type Plan = {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Cond'?: string;
  Plans?: Plan[];
};

describe.skipIf(skipped !== undefined)('plans of a state in PostgreSQL', () => {
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
    for (const { name, text } of HOT) await session.query(`PREPARE "${name}" AS ${text}`);
    for (const statement of HOT) await planOf(session, statement);
    await session.query(`
      INSERT INTO profile_gateway.lease (key) SELECT 'key ' || n FROM generate_series(1, ${ROWS}) n;
      INSERT INTO profile_gateway.receipt (write_id, kind, key, id, target, caller, outcome, body)
        SELECT 'w' || n, 'write', 'key ' || n, 'id', 't', 'c', 'o', '{}'
        FROM generate_series(1, ${ROWS}) n;
      INSERT INTO profile_gateway.idempotency
        SELECT 'c', 'id', 'h' || n, 'f', 'w' || n, 'o', 's' FROM generate_series(1, ${ROWS}) n;
      INSERT INTO profile_gateway.link
        SELECT 'id ' || n, '{"t":"u"}', n FROM generate_series(1, ${ROWS}) n`);
  }, START_MS_MAX);
  afterAll(async () => {
    await session?.end();
    server?.remove();
  });

  test.each(HOT)('$name finds its rows by an index, however many there are', async (statement) => {
    expect(unfit(await planOf(session, statement))).toEqual([]);
  });

  test.each(HOT)('$name does so once the tables are known to be large', async (statement) => {
    await session.query('ANALYZE');
    expect(unfit(await planOf(session, statement))).toEqual([]);
  });
});

async function planOf(session: Client, { name, text }: SqlStatement): Promise<Plan> {
  const types = new Map(
    [...text.matchAll(/\$(\d+)::(\w+(?:\[\])?)/g)].map(([, n, type]) => [n, type]),
  );
  const values = Array.from({ length: types.size }, (_, index) => {
    const type = types.get(String(index + 1)) ?? '';
    if (type.endsWith('[]')) return type.startsWith('text') ? `'{a,b}'` : `'{1,2}'`;
    return type === 'text' ? `'a'` : '1';
  });
  const { rows } = await session.query(
    `EXPLAIN (FORMAT JSON) EXECUTE "${name}"${values.length > 0 ? ` (${values.join(', ')})` : ''}`,
  );
  return rows[0]['QUERY PLAN'][0].Plan;
}

/** Lists the nodes that read more of a table than the rows they look for. */
function unfit(plan: Plan): string[] {
  const { 'Node Type': type, 'Relation Name': table, 'Index Cond': condition, Plans = [] } = plan;
  const isScan = table !== undefined && type !== 'ModifyTable';
  const isFit = !isScan || (/^Index (?:Only )?Scan$/.test(type) && condition !== undefined);
  return [...(isFit ? [] : [`${type} on ${table}`]), ...Plans.flatMap(unfit)];
}
