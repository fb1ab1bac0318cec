import { SESSION_MS, STATE_TIMEOUT_MS } from '../../../limits.ts';
import type { StateDatabase } from '../../../state/state-database.ts';
import { postgresAnswers } from './answers.ts';
import { lazyConnection, type PostgresConnection } from './connections.ts';
import { postgresControl } from './control.ts';
import { postgresDoubts } from './doubts.ts';
import { postgresEnds } from './ends.ts';
import { postgresLeases } from './leases.ts';
import { postgresLinks } from './links.ts';
import { postgresMatches } from './matches/matches.ts';
import { postgresReceipts } from './receipts.ts';
import { postgresReplicas } from './replicas.ts';
import { postgresRestored } from './restored.ts';
import { ensureSchema, type SchemaMode, StateSchemaMismatch } from './schema.ts';
import { type PostgresSession, sessionOpener, stateUnavailable } from './session.ts';
import { readDatabaseUrl } from './url.ts';

export type PostgresOptions = {
  /** Location of the database: see `readDatabaseUrl`. */
  readonly url: string;
  /** Longest wait for the answer to one call. */
  readonly timeoutMs?: number;
  /** Reach of what is stored: `process` may lose the last moments when the server crashes. */
  readonly durability: 'power' | 'process';
  readonly schema: SchemaMode;
  /** Certificates in PEM of the authority that the server's certificate comes from. */
  readonly ca?: string;
  /** Time after which all sessions of others are over, where commits may have been lost. */
  readonly sessionMs?: number;
  /** Overrides what is found out: statements with names need sessions that are our own. */
  readonly prepared?: boolean;
};

/**
 * Opens a state in PostgreSQL. It resolves where the server cannot be reached, and serves once it
 * can. Rejects where the URL is wrong, and with `StateSchemaMismatch` where the server says that
 * its tables do not fit.
 */
export async function openPostgresDatabase(options: PostgresOptions): Promise<StateDatabase> {
  const { sessionMs = SESSION_MS, timeoutMs = STATE_TIMEOUT_MS } = options;
  const mismatch = Promise.withResolvers<never>();
  mismatch.promise.catch(() => {});
  const connectionWith = (pinsPlans: boolean): PostgresConnection => {
    const open = sessionOpener({
      target: readDatabaseUrl(options.url, options.ca),
      timeoutMs,
      durability: options.durability,
      pinsPlans,
      prepared: options.prepared,
    });
    return lazyConnection(async () => {
      const session = await open();
      await fitSchema(session, options.schema, timeoutMs).catch((error) => {
        if (error instanceof StateSchemaMismatch) mismatch.reject(error);
        throw stateUnavailable(error);
      });
      return session;
    }, timeoutMs);
  };

  const quick = connectionWith(true);
  const ends = connectionWith(true);
  // What may read much, so that no begin waits behind it. It runs seldom, and is planned each time.
  const slow = connectionWith(false);
  const close = async (): Promise<void> => {
    await Promise.all([quick.close(), ends.close(), slow.close()]);
  };
  const connected = quick.call(async () => {});
  await Promise.race([connected, mismatch.promise]).catch(async (error) => {
    if (!(error instanceof StateSchemaMismatch)) return;
    await close();
    throw error;
  });

  return {
    lockScope: 'global',
    ...postgresReplicas(quick, slow, sessionMs),
    ...postgresLeases(quick),
    ...postgresEnds(ends),
    ...postgresAnswers(ends),
    ...postgresDoubts(quick, slow),
    ...postgresReceipts(slow),
    ...postgresControl(quick),
    ...postgresLinks(slow),
    ...postgresRestored(slow),
    matches: postgresMatches(slow),
    close,
  };
}

async function fitSchema(
  session: PostgresSession,
  mode: SchemaMode,
  timeoutMs: number,
): Promise<void> {
  try {
    await ensureSchema(session, mode, timeoutMs);
  } catch (error) {
    session.destroy();
    throw error;
  }
}
