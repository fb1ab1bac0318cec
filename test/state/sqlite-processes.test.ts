import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openSqliteDatabase } from '../../src/node/state/sqlite/database.ts';
import { type Child, node, run } from '../support/child.ts';
import { inFolder } from './sqlite-folder.ts';
import { begin, begun, end } from './suite/store.ts';

/** One write of a child: the key that it held, and from when until when. */
type Held = { key: string; fence: number; fromNs: bigint; untilNs: bigint; writeId: string };

function writer(path: string, rounds: number, keys: number): Child {
  return node(['test/state/children/writer.ts', path, String(rounds), String(keys)]);
}

/** The writes that a child has reported; a line that it did not end is none. */
function writesOf(stdout: string): Held[] {
  const lines = stdout.split('\n').slice(0, -1);
  return lines.flatMap((line) => {
    const [key = '', fence = '', fromNs = '', untilNs = '', writeId = ''] = line.split(';');
    if (writeId === '') return [];
    return [
      { key, fence: Number(fence), fromNs: BigInt(fromNs), untilNs: BigInt(untilNs), writeId },
    ];
  });
}

function isSound(path: string): boolean {
  const db = new DatabaseSync(path);
  const row = db.prepare('PRAGMA integrity_check').get();
  db.close();
  return row?.integrity_check === 'ok';
}

/** Expects that of the writes to one key each began after the end of that with the fence before. */
function expectTurns(writes: readonly Held[]): void {
  for (const [, ofKey = []] of Map.groupBy(writes, ({ key }) => key)) {
    const sorted = ofKey.toSorted((one, two) => one.fence - two.fence);
    for (const [index, write] of sorted.entries()) {
      const before = sorted[index - 1];
      if (before === undefined) continue;
      expect(write.fence).toBeGreaterThan(before.fence);
      expect(write.fromNs).toBeGreaterThan(before.untilNs);
    }
  }
}

test(
  'processes that make and write one file at once take turns on each key',
  inFolder(async (folder) => {
    const path = join(folder, 'state.db');
    const children = [1, 2, 3].map(() => writer(path, 300, 2));
    const ends = await Promise.all(children.map(run));
    expect(ends.map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      children.map(() => ({ code: 0, stderr: '' })),
    );
    const writes = ends.flatMap(({ stdout }) => writesOf(stdout));
    expect(writes).toHaveLength(900);
    expectTurns(writes);
    const sessions = ends.map(({ stdout }) => /^session (\d+)$/m.exec(stdout)?.[1]);
    expect(new Set(sessions).size).toBe(3);
    expect(isSound(path)).toBe(true);
  }),
);

test(
  'a process that is killed leaves what it stored, and a lease that can be taken over',
  inFolder(async (folder) => {
    const path = join(folder, 'state.db');
    const survivor = writer(path, 1e9, 2);
    const victims = [writer(path, 1e9, 2), writer(path, 1e9, 2)];
    for (const victim of victims) await victim.says(/(?:key.*\n){20}/);
    for (const victim of victims) victim.kill('SIGKILL');
    await Promise.all(victims.map(({ ended }) => ended));

    const db = await openSqliteDatabase({ path, durability: 'process', timeoutMs: 5_000 });
    const replica = await db.startReplica({ name: 'recoverer', version: '1' });
    for (const victim of victims) {
      const dead = Number((await victim.says(/session (\d+)/))[1]);
      expect(await db.closeReplica(dead)).toBe(true);
    }
    for (const orphan of await db.orphans(10)) {
      const [fence = 0] = await db.takeOver(replica, [{ ...orphan, settleMs: 0 }]);
      expect(await end(db, { ...orphan, fence })).toBe('stored');
    }
    expect(await db.orphans(10)).toEqual([]);

    survivor.kill('SIGKILL');
    await survivor.ended;
    await db.closeReplica(Number((await survivor.says(/session (\d+)/))[1]));
    const writes = [survivor, ...victims].flatMap(({ stdout }) => writesOf(stdout()));
    expectTurns(writes);
    for (const { writeId } of writes) {
      expect(await db.receipt(writeId)).toMatchObject({ outcome: 'applied' });
    }
    for (const orphan of await db.orphans(10)) {
      const [fence = 0] = await db.takeOver(replica, [{ ...orphan, settleMs: 0 }]);
      await end(db, { ...orphan, fence });
    }
    for (const key of ['key 0', 'key 1']) await begun(db, replica, `after ${key}`, { key });
    expect(await begin(db, replica, 'next', { key: 'key 0' })).toMatchObject({ kind: 'held' });
    await db.close();
    expect(isSound(path)).toBe(true);
  }),
);
