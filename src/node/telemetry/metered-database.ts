import type { StateDatabase } from '../../state/state-database.ts';
import type { StateMeter, StateStatement } from '../../telemetry/metrics.ts';

/** Returns the database with the statements of writes measured, whatever stores it. */
export function meteredDatabase(
  database: StateDatabase,
  meter: Pick<StateMeter, 'statement'>,
  monotonicMs: () => number,
): StateDatabase {
  const measured = async <T>(
    statement: StateStatement,
    items: readonly unknown[] | undefined,
    call: () => Promise<T>,
  ): Promise<T> => {
    const startMs = monotonicMs();
    try {
      return await call();
    } finally {
      meter.statement(statement, monotonicMs() - startMs, items?.length);
    }
  };
  return {
    ...database,
    begin: (replica, items) => measured('begin', items, () => database.begin(replica, items)),
    amend: (items) => measured('amend', items, () => database.amend(items)),
    end: (items) => measured('end', items, () => database.end(items)),
    beat: (replica, linksVersion) =>
      measured('beat', undefined, () => database.beat(replica, linksVersion)),
  };
}
