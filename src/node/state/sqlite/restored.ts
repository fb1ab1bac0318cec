import { FENCES_PER_SECOND_MAX } from '../../../limits.ts';
import type { StateDatabase } from '../../../state/state-database.ts';
import type { SqliteConnection } from './connection.ts';
import { integerAt } from './rows.ts';

/** Creates the statements about a file of an earlier time. */
export function createRestored({
  db,
  read,
  write,
}: SqliteConnection): Pick<StateDatabase, 'markRestored' | 'keysLostMs'> {
  const closing = db.prepare('UPDATE replica SET closed_at = ? WHERE closed_at IS NULL');
  const freeing = db.prepare(`
    UPDATE lease SET replica = 0, key_hash = NULL, intent = NULL WHERE replica <> 0`);
  // Above every one that was given since: no clock gives a second twice.
  const raisingFence = db.prepare('UPDATE last_fence SET fence = max(fence, ?)');
  const makingSession = db.prepare(`
    INSERT INTO replica (beat, name, version, started_at, closed_at)
    VALUES (0, 'restored', '', ?1, ?1)`);
  const raisingSession = db.prepare(`
    UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = 'replica'`);
  const marking = db.prepare('INSERT INTO restored (at, keys_lost_until) VALUES (?, ?)');
  const looking = db.prepare('SELECT coalesce(max(keys_lost_until), 0) AS until FROM restored');

  return {
    markRestored: (keysLostMs) =>
      write((nowMs) => {
        const above = Math.floor(nowMs / 1000) * FENCES_PER_SECOND_MAX;
        closing.run(nowMs);
        freeing.run();
        raisingFence.run(above);
        // Without a session before there is no number to raise.
        makingSession.run(nowMs);
        raisingSession.run(above);
        marking.run(nowMs, nowMs + Math.ceil(keysLostMs));
      }),
    keysLostMs: () => read((nowMs) => Math.max(0, integerAt(looking.get(), 'until') - nowMs)),
  };
}
