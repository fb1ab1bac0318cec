import type { Replica, StateDatabase } from '../../../state/state-database.ts';
import type { SqliteConnection } from './connection.ts';
import { integerAt, textAt } from './rows.ts';

type Sessions = Pick<StateDatabase, 'startReplica' | 'beat' | 'replicas' | 'closeReplica'>;

/** Creates the statements about sessions. */
export function createSessions({ db, read, write }: SqliteConnection): Sessions {
  const inserting = db.prepare(`
    INSERT INTO replica (beat, name, version, started_at) VALUES (0, ?, ?, ?) RETURNING id`);
  const beating = db.prepare(`
    UPDATE replica SET beat = beat + 1, links_version = ?2
    WHERE id = ?1 AND closed_at IS NULL`);
  const listing = db.prepare(`
    SELECT id, beat, name, version, started_at, links_version FROM replica
    WHERE closed_at IS NULL ORDER BY id`);
  const closing = db.prepare(`
    UPDATE replica SET closed_at = ?2
    WHERE id = ?1 AND closed_at IS NULL AND (?3 IS NULL OR beat = ?3)`);

  const list = (): Replica[] =>
    listing.all().map((row) => ({
      replica: integerAt(row, 'id'),
      beat: integerAt(row, 'beat'),
      name: textAt(row, 'name'),
      version: textAt(row, 'version'),
      startedAtMs: integerAt(row, 'started_at'),
      linksVersion: integerAt(row, 'links_version'),
    }));

  return {
    startReplica: ({ name, version }) =>
      write((nowMs) => integerAt(inserting.get(name, version, nowMs), 'id')),
    beat: (replica, linksVersion = 0) =>
      write(() => (beating.run(replica, linksVersion).changes === 1 ? list() : undefined)),
    replicas: () => read(list),
    closeReplica: (replica, beat) =>
      write((nowMs) => closing.run(replica, nowMs, beat ?? null).changes === 1),
  };
}
