import { STATE_COUNTED_MAX } from '../../../limits.ts';
import type { InDoubtRow, Orphan, StateDatabase } from '../../../state/state-database.ts';
import type { SqliteConnection } from './connection.ts';
import { createFences } from './fences.ts';
import { integerAt, optionalTextAt, type SqliteRow, textAt } from './rows.ts';

type Recovery = Pick<
  StateDatabase,
  'orphans' | 'takeOver' | 'inDoubtMs' | 'raiseDoubt' | 'listInDoubt' | 'liftDoubt' | 'figures'
>;

/** Creates the statements about leases that outlast their session, and profiles in doubt. */
export function createRecovery(connection: SqliteConnection): Recovery {
  return { ...createTakeOver(connection), ...createInDoubt(connection) };
}

function createTakeOver({ db, read, write }: SqliteConnection) {
  // A session that was removed is closed too.
  const listing = db.prepare(`
    SELECT key, fence, replica, write_id, intent, begun_at,
      max(doubt_until, raised_until) AS until
    FROM lease
    WHERE replica > 0
      AND NOT EXISTS (SELECT 1 FROM replica r WHERE r.id = lease.replica AND r.closed_at IS NULL)
    ORDER BY fence LIMIT ?`);
  const taking = db.prepare(`
    UPDATE lease SET replica = ?3, fence = ?4, doubt_until = ?5
    WHERE key = ?1 AND fence = ?2 AND replica <> 0`);
  const fences = createFences(db);

  const orphanOf = (row: SqliteRow, nowMs: number): Orphan => ({
    key: textAt(row, 'key'),
    fence: integerAt(row, 'fence'),
    writeId: textAt(row, 'write_id'),
    intent: textAt(row, 'intent'),
    replica: integerAt(row, 'replica'),
    ageMs: Math.max(0, nowMs - integerAt(row, 'begun_at')),
    inDoubtMs: Math.max(0, integerAt(row, 'until') - nowMs),
  });

  return {
    orphans: (max) => read((nowMs) => listing.all(max).map((row) => orphanOf(row, nowMs))),
    takeOver: (replica, items) =>
      write((nowMs) =>
        items.map(({ fence, key, settleMs }) => {
          const next = fences.draw(1);
          const taken = taking.run(key, fence, replica, next, nowMs + Math.ceil(settleMs));
          return taken.changes === 1 ? next : undefined;
        }),
      ),
  } satisfies Partial<Recovery>;
}

function createInDoubt({ db, read, write }: SqliteConnection) {
  const fences = createFences(db);
  const looking = db.prepare(`
    SELECT max(doubt_until, raised_until) AS until FROM lease WHERE key = ?`);
  const raising = db.prepare(`
    INSERT INTO lease (fence, key, replica, write_id, begun_at, raised_until)
    VALUES (?4, ?1, 0, '', ?2, ?3)
    ON CONFLICT (key) DO UPDATE SET raised_until = max(raised_until, ?3)`);
  // An intent is that of the write whose end set `doubt_until`, or of the lease that is held.
  const listing = db.prepare(`
    SELECT key, iif(doubt_until > ?1, intent, NULL) AS intent, write_id, fence, begun_at,
      max(doubt_until, raised_until) AS until
    FROM lease INDEXED BY lease_in_doubt
    WHERE max(doubt_until, raised_until) > 0 AND max(doubt_until, raised_until) > ?1 AND key > ?2
    ORDER BY key LIMIT ?3`);
  const counting = db.prepare(`
    SELECT count(*) AS doubted FROM (
      SELECT 1 FROM lease INDEXED BY lease_in_doubt
      WHERE max(doubt_until, raised_until) > 0 AND max(doubt_until, raised_until) > ? LIMIT ?
    )`);
  const lifting = db.prepare(`
    DELETE FROM lease
    WHERE key = ?1 AND replica = 0 AND max(doubt_until, raised_until) > ?2`);

  const leftMs = (key: string, nowMs: number): number => {
    const row = looking.get(key);
    return row === undefined ? 0 : Math.max(0, integerAt(row, 'until') - nowMs);
  };
  const inDoubtOf = (row: SqliteRow, nowMs: number): InDoubtRow => {
    const intent = optionalTextAt(row, 'intent');
    const shown = { key: textAt(row, 'key'), leftMs: integerAt(row, 'until') - nowMs, intent };
    if (intent === undefined) return shown;
    const ageMs = Math.max(0, nowMs - integerAt(row, 'begun_at'));
    const fence = integerAt(row, 'fence');
    return { ...shown, writeId: textAt(row, 'write_id'), fence, ageMs };
  };

  return {
    inDoubtMs: (keys) => read((nowMs) => keys.map((key) => leftMs(key, nowMs))),
    raiseDoubt: (key, lengthMs) =>
      write((nowMs) => {
        raising.run(key, nowMs, nowMs + Math.ceil(lengthMs), fences.draw(1));
      }),
    listInDoubt: (max, after) =>
      read((nowMs) => listing.all(nowMs, after, max).map((row) => inDoubtOf(row, nowMs))),
    figures: () =>
      read((nowMs) => ({ inDoubt: integerAt(counting.get(nowMs, STATE_COUNTED_MAX), 'doubted') })),
    liftDoubt: (key) => write((nowMs) => lifting.run(key, nowMs).changes === 1),
  } satisfies Partial<Recovery>;
}
