import { setTimeout as delay } from 'node:timers/promises';
import { STATE_CALLS_MAX, STATE_RECONNECT_MS, STATE_RECONNECT_MS_MAX } from '../../../limits.ts';
import { StateUnavailable } from '../../../state/state-database.ts';
import type { PostgresSession, SqlQuery } from './session.ts';

/** A connection that is made when it is needed, and made again when it was lost. */
export type PostgresConnection = {
  /**
   * Runs `work`, whose queries are answered within the connection's `timeoutMs` in all. Rejects
   * with `StateUnavailable` where they are not; the connection is broken then, since nothing behind
   * them would be answered either.
   */
  readonly call: <T>(work: (query: SqlQuery) => Promise<T>) => Promise<T>;
  /** Ends the connection after what is under way. */
  readonly close: () => Promise<void>;
};

export function lazyConnection(
  openSession: () => Promise<PostgresSession>,
  timeoutMs: number,
): PostgresConnection {
  const current = keepSession(openSession);
  let isClosed = false;
  let calls = 0;

  const call = async <T>(work: (query: SqlQuery) => Promise<T>): Promise<T> => {
    if (isClosed) throw new StateUnavailable('The state is closed.');
    if (calls >= STATE_CALLS_MAX) throw new StateUnavailable('Too many calls wait for the state.');
    let used: PostgresSession | undefined;
    let isOver = false;
    const run = async (): Promise<T> => {
      used = current.session() ?? (await current.opened());
      // Whoever waited for the connection has been answered by now.
      if (isOver) throw new StateUnavailable('The call is over.');
      return await work(used.query);
    };
    const late = Promise.withResolvers<never>();
    const expire = (): void => {
      isOver = true;
      used?.destroy();
      late.reject(new StateUnavailable(`The state does not answer within ${timeoutMs} ms.`));
    };
    // After a stop of this process timers run before sockets: an answer may be there already.
    let afterSockets: NodeJS.Immediate | undefined;
    const timer = setTimeout(() => {
      afterSockets = setImmediate(expire);
    }, timeoutMs);
    calls += 1;
    try {
      return await Promise.race([run(), late.promise]);
    } finally {
      calls -= 1;
      clearTimeout(timer);
      clearImmediate(afterSockets);
    }
  };

  const close = async (): Promise<void> => {
    isClosed = true;
    const last = current.close();
    if (last === undefined) return;
    const late = setTimeout(last.destroy, timeoutMs);
    await last.client.end();
    clearTimeout(late);
  };

  return { call, close };
}

type KeptSession = {
  /** Returns the session that is open. */
  readonly session: () => PostgresSession | undefined;
  /** Opens a session, one at a time, after a rest where the last attempt failed. */
  readonly opened: () => Promise<PostgresSession>;
  /** Returns the session to end, and opens no other. */
  readonly close: () => PostgresSession | undefined;
};

function keepSession(openSession: () => Promise<PostgresSession>): KeptSession {
  let session: PostgresSession | undefined;
  let opening: Promise<PostgresSession> | undefined;
  let isClosed = false;
  let failures = 0;
  let restUntilMs = 0;

  const rest = (): void => {
    const ceilingMs = Math.min(STATE_RECONNECT_MS * 2 ** failures, STATE_RECONNECT_MS_MAX);
    failures += 1;
    restUntilMs = performance.now() + ceilingMs * (0.5 + Math.random() / 2);
  };

  const open = async (): Promise<PostgresSession> => {
    try {
      const restMs = restUntilMs - performance.now();
      if (restMs > 0) await delay(restMs);
      const opened = await openSession();
      void opened.lost.then(() => {
        session = undefined;
        rest();
      });
      failures = 0;
      session = opened;
      if (isClosed) opened.destroy();
      return opened;
    } catch (error) {
      rest();
      throw error;
    } finally {
      opening = undefined;
    }
  };

  return {
    session: () => session,
    opened: () => {
      opening ??= open();
      return opening;
    },
    close: () => {
      isClosed = true;
      return session;
    },
  };
}
