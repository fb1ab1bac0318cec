import { execFileSync } from 'node:child_process';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type PostgresServer,
  postgresProgram,
  reasonToSkip,
  START_MS_MAX,
  startPostgres,
} from '../postgres-server.ts';
import { inFolder } from '../sqlite-folder.ts';
import { digestsOf, findDigests, findMarks } from './search.ts';
import { writeCanaries } from './writes.ts';

/** No value, key or secret stands in the state, whatever becomes of the writes. */

const CASES = process.env.FULL ? 10_000 : 300;
const TEST_MS_MAX = 30 * 60_000;
/** Ends of writes that must be among them. */
const OUTCOMES = ['applied', 'rejected', 'unknown', 'partial'];
const skipped = reasonToSkip('canaries in PostgreSQL', 'postgresql');

type Places = ReadonlyMap<string, Buffer>;

/** Writes canaries to a state, and looks for them in all places, while it is open and after. */
async function expectNoCanary(
  settings: Parameters<typeof writeCanaries>[1],
  folder: string,
  placesOf: () => Places,
): Promise<void> {
  const { canaries, close, outcomes } = await writeCanaries(CASES, settings, folder);
  const open = placesOf();
  await close();
  const all = [...open, ...placesOf()];
  console.log(
    `${CASES} cases: ${JSON.stringify(Object.fromEntries(outcomes))}, ` +
      `${Math.round(all.reduce((sum, [, bytes]) => sum + bytes.length, 0) / 1e6)} MB searched`,
  );
  expect([...outcomes.keys()]).toEqual(expect.arrayContaining(OUTCOMES));
  // What is not stored cannot hold anything.
  expect(all.some(([, bytes]) => bytes.includes('"outcome"') || bytes.includes('applied'))).toBe(
    true,
  );
  const digests = digestsOf(canaries);
  for (const [place, bytes] of all) {
    expect([place, ...findMarks(bytes, canaries)]).toEqual([place]);
    expect([place, ...findDigests(bytes, digests)]).toEqual([place]);
  }
}

test(
  'a SQLite file holds no canary, nor does its log',
  { timeout: TEST_MS_MAX },
  inFolder(async (folder) => {
    const path = join(folder, 'state.db');
    await expectNoCanary(
      { file: path },
      folder,
      () =>
        new Map([
          ...globSync(`${path}{,-wal,-shm}`).map((file): [string, Buffer] => [
            file,
            readFileSync(file),
          ]),
          ['all rows', Buffer.from(JSON.stringify(rowsOf(path)))],
        ]),
    );
  }),
);

/** Every row of every table. */
function rowsOf(path: string): unknown[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table'`).all();
  const rows = tables.map(({ name }) => db.prepare(`SELECT * FROM "${String(name)}"`).all());
  db.close();
  return rows;
}

describe.skipIf(skipped !== undefined)('PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, START_MS_MAX);
  afterAll(() => server?.remove());

  test(
    'holds no canary, nor does its log',
    { timeout: TEST_MS_MAX },
    inFolder(async (folder) => {
      const settings = { url: server.url(), hashKey: 'a-hash-key-that-is-not-real-0123456789' };
      await expectNoCanary(
        settings,
        folder,
        () =>
          new Map([
            [
              'dump',
              execFileSync(postgresProgram('pg_dump'), [server.url()], { maxBuffer: 2 ** 30 }),
            ],
            ...globSync(`${server.data}/{base,pg_wal,global}/**/*`, { withFileTypes: true })
              .filter((entry) => entry.isFile())
              .map((entry): [string, Buffer] => {
                const file = join(entry.parentPath, entry.name);
                return [file, readFileSync(file)];
              }),
          ]),
      );
    }),
  );
});
