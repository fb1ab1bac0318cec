import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { checkResponse } from '../integration/openapi/response-check.ts';
import { createVendor, ID, patchOf, startReplica, type TestReplica } from './replicas.ts';
import { inFolder } from './sqlite-folder.ts';

const PATH = `/profiles/acme:${ID}`;
const HOUR_MS = 3_600_000;
/** More than the fences that are given after the restore. */
const LOST_WRITES = 50;
/** Lasts on a machine that is busy. */
const SESSION_MS = 5_000;

async function ask({ gateway }: TestReplica, site: string, key?: string) {
  const headers = key === undefined ? {} : { 'idempotency-key': key };
  const answer = await gateway.ask('PATCH', PATH, { ...patchOf({ site }), headers });
  const shown = Object.fromEntries(answer.headers);
  expect(checkResponse('PATCH', PATH, answer.status, shown, answer.text)).toEqual([]);
  return { ...answer, isReplayed: answer.headers.get('idempotency-replayed') === 'true' };
}

test(
  'a restored file answers no earlier key as new, and repeats no fence',
  inFolder(async (folder) => {
    const [path, backup] = [join(folder, 'state.db'), join(folder, 'backup.db')];
    const vendor = createVendor();
    let writes = 0;
    const start = () =>
      startReplica(
        'one',
        path,
        async (request) => {
          if (request.method !== 'GET') writes += 1;
          return vendor.fetch(request);
        },
        { sessionMs: SESSION_MS },
      );

    const before = await start();
    expect((await ask(before, 'one', 'kept')).status).toBe(200);
    const db = new DatabaseSync(path);
    db.exec(`VACUUM INTO '${backup}'`);
    db.close();
    expect((await ask(before, 'two', 'lost')).status).toBe(200);
    for (let i = 0; i < LOST_WRITES; i += 1) {
      expect((await ask(before, `lost ${i}`)).status).toBe(200);
    }
    await before.shared.close();
    const given = fencesIn(path);

    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true });
    copyFileSync(backup, path);
    const marker = await start();
    await marker.database.markRestored(HOUR_MS);
    await marker.shared.close();
    const after = await start();
    try {
      writes = 0;
      // What the backup has is answered.
      expect(await ask(after, 'one', 'kept')).toMatchObject({ status: 200, isReplayed: true });
      // What it lacks cannot be told from what is new.
      for (const key of ['lost', 'never-used']) {
        expect(await ask(after, 'two', key)).toMatchObject({
          status: 409,
          body: { code: 'idempotency_keys_lost' },
        });
      }
      expect(writes).toBe(0);
      expect((await ask(after, 'four')).status).toBe(200);
      after.pause(HOUR_MS);
      await until(async () => (await ask(after, 'five', 'new')).status === 200);
      expect(Math.min(...fencesIn(path).slice(-1))).toBeGreaterThan(Math.max(...given));
    } finally {
      await after.shared.close();
    }
  }),
);

/** Fences of all receipts, in their order. */
function fencesIn(path: string): number[] {
  const db = new DatabaseSync(path, { readOnly: true });
  const rows = db.prepare('SELECT fence FROM receipt ORDER BY position').all();
  db.close();
  return rows.map(({ fence }) => Number(fence));
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; !(await holds()); i += 1) {
    if (i > 200) throw new Error('it does not come');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
