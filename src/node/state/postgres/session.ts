import { Client, type ClientConfig, DatabaseError, type QueryResultRow } from 'pg';
import { STATE_KEEP_ALIVE_MS } from '../../../limits.ts';
import { StateUnavailable } from '../../../state/state-database.ts';
import { unavailableReason } from './reasons.ts';

/** A statement with the name under which a session keeps its plan. */
export type SqlStatement = { readonly name: string; readonly text: string };

/** Runs a statement as one transaction, and resolves with its rows. */
export type SqlQuery = <Row extends QueryResultRow>(
  statement: SqlStatement,
  values: unknown[],
) => Promise<Row[]>;

/** A connection that is open. Its queries are sent at once, one behind the other. */
export type PostgresSession = {
  readonly query: SqlQuery;
  /** The driver itself, for what is more than one statement. */
  readonly client: Client;
  /** Resolves as soon as nothing can be sent any more. */
  readonly lost: Promise<void>;
  /** Breaks the connection: all that waits for it rejects. */
  readonly destroy: () => void;
};

export type SessionOptions = {
  readonly target: ClientConfig;
  readonly timeoutMs: number;
  readonly durability: 'power' | 'process';
  /** Plans are made once and use indexes, whatever the tables hold. */
  readonly pinsPlans: boolean;
  readonly prepared: boolean | undefined;
};

/**
 * Pins the plans. With lists as parameters the server would plan each execution anew, and a plan
 * made while a table is empty would read all of it later.
 */
export const PINNED_PLANS = {
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_bitmapscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
} as const;

/** A setting of our own: only a session that was started with it has it. */
const MARK = 'profile_gateway.session';

/**
 * Returns a function that opens sessions. Settings are parameters of a session's start, which cost
 * nothing later. A pooler refuses them (PgBouncer) or drops them (`ignore_startup_parameters`), and
 * sessions are not our own behind it: there each transaction makes its own settings, and statements
 * have no names unless `prepared` is true. `prepared: false` does so from the start.
 */
export function sessionOpener(options: SessionOptions): () => Promise<PostgresSession> {
  let isPooled = options.prepared === false;
  return async () => {
    if (!isPooled) {
      try {
        const opened = await startSession(options, true);
        isPooled = !(await isOurOwn(opened, options));
        return sessionOf(opened, options, isPooled);
      } catch (error) {
        if (!isRefusedParameter(error)) throw stateUnavailable(error);
        isPooled = true;
      }
    }
    try {
      return sessionOf(await startSession(options, false), options, true);
    } catch (error) {
      throw stateUnavailable(error);
    }
  };
}

type Opened = Omit<PostgresSession, 'query'>;

async function startSession(options: SessionOptions, withSettings: boolean): Promise<Opened> {
  const settings = Object.entries({ ...sessionSettings(options), [MARK]: 'own' });
  const client = new Client({
    ...options.target,
    application_name: 'profile-gateway',
    pipeline: true,
    connectionTimeoutMillis: options.timeoutMs,
    keepAlive: true,
    keepAliveInitialDelayMillis: STATE_KEEP_ALIVE_MS,
    ...(withSettings && {
      options: settings.map(([key, value]) => `-c ${key}=${value}`).join(' '),
    }),
  });
  const { promise: lost, resolve } = Promise.withResolvers<void>();
  const destroy = (): void => {
    resolve();
    client.connection.stream.destroy();
  };
  // Who waits for the connection gets the error too; without a listener it would end the process.
  client.on('error', destroy).once('end', resolve);
  // int8, as numbers: no counter here comes near 2^53.
  client.setTypeParser(20, Number);
  try {
    await client.connect();
    return { client, lost, destroy };
  } catch (error) {
    destroy();
    throw error;
  }
}

async function isOurOwn(
  { client, destroy }: Opened,
  { timeoutMs }: SessionOptions,
): Promise<boolean> {
  const late = setTimeout(destroy, timeoutMs);
  try {
    const { rows } = await client.query<{ mark: string | null }>(
      `SELECT current_setting('${MARK}', true) AS mark`,
    );
    return rows[0]?.mark === 'own';
  } finally {
    clearTimeout(late);
  }
}

function sessionSettings({
  timeoutMs,
  durability,
  pinsPlans,
}: SessionOptions): Record<string, string> {
  return {
    statement_timeout: String(timeoutMs),
    // Compiling would cost more than any of these statements.
    jit: 'off',
    ...(durability === 'process' && { synchronous_commit: 'off' }),
    ...(pinsPlans && PINNED_PLANS),
  };
}

function sessionOf(opened: Opened, options: SessionOptions, isPooled: boolean): PostgresSession {
  const { client, destroy } = opened;
  const isNamed = options.prepared ?? !isPooled;
  const locals = Object.entries(sessionSettings(options)).map(
    (pair) => `SET LOCAL ${pair.join(' = ')}`,
  );
  const opening = ['BEGIN', ...locals].join('; ');
  const query: SqlQuery = async <Row extends QueryResultRow>(
    { name, text }: SqlStatement,
    values: unknown[],
  ) => {
    const statement = isNamed ? { name, text, values } : { text, values };
    try {
      if (!isPooled) return (await client.query<Row>(statement)).rows;
      const steps = [client.query(opening), client.query<Row>(statement), client.query('COMMIT')];
      return (await Promise.all(steps))[1]?.rows ?? [];
    } catch (error) {
      if (isReadOnly(error)) destroy();
      throw stateUnavailable(error);
    }
  };
  return { ...opened, query };
}

/** Makes the one error that callers know, of an error of the driver or of the server. */
export function stateUnavailable(error: unknown): StateUnavailable {
  if (error instanceof StateUnavailable) return error;
  const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
  const message = error instanceof Error ? error.message : String(error);
  const reason = unavailableReason(error);
  return new StateUnavailable(`The state does not answer${code}: ${reason ?? message}`, reason);
}

/** SQLSTATE of a start-up parameter that a pooler does not know: a violation of the protocol. */
function isRefusedParameter(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '08P01';
}

/** Reports that the server has become a standby, so that another connection may lead elsewhere. */
function isReadOnly(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '25006';
}
