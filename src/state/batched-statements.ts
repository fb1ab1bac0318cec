import { END_RETRY_MS, LOST_BEGIN_MS, STATE_BATCH_MAX, STATE_QUEUE_MAX } from '../limits.ts';
import { createBatcher } from './batcher.ts';
import { sleep } from './clock.ts';
import type { ReplicaSession } from './replica/replica-session.ts';
import {
  type AmendItem,
  type BeginItem,
  type BeginRow,
  type EndItem,
  type StateDatabase,
  StateUnsettled,
} from './state-database.ts';
import type { Ended } from './state-store.ts';

export type StatementsOptions = {
  readonly database: StateDatabase;
  readonly session: Pick<ReplicaSession, 'current'>;
  readonly monotonicMs: () => number;
  /** Runs a step once this turn of the event loop is over. */
  readonly atTurnEnd: (step: () => void) => void;
  /** When the database begins to hold writes back, then with the reason, or ceases to. */
  readonly onHeldBack: (reason: string | undefined) => void;
};

/** The statements of writes; those of one turn of the event loop go in one batch each. */
export type BatchedStatements = {
  /** Begins a write; undefined where the state cannot be reached, or too many wait for it. */
  readonly begin: (item: BeginItem) => Promise<{ row: BeginRow; replica: number } | undefined>;
  /** Replaces an intent; false where the lease is lost, or the state cannot be reached. */
  readonly amend: (item: AmendItem) => Promise<boolean>;
  /** Stores an end, however often that takes: a write that has ended must not stay open. */
  readonly end: (item: EndItem) => Promise<Ended>;
  /** Gives back what `begin` may have stored without an answer. */
  readonly giveBackLost: () => void;
  /** Number of ends that are not stored yet. */
  readonly ending: () => number;
};

export function createBatchedStatements(options: StatementsOptions): BatchedStatements {
  const { atTurnEnd, database, monotonicMs, session } = options;
  const lost = createLostBegins(database, monotonicMs);
  let ending = 0;
  let heldBack: string | undefined;

  const noteHeldBack = (reason: string | undefined): void => {
    if (reason !== heldBack) options.onHeldBack(reason);
    heldBack = reason;
  };

  const runBegins = async (items: readonly BeginItem[]) => {
    const replica = session.current();
    if (replica === undefined) throw new Error('there is no session');
    try {
      const rows = await database.begin(replica, items);
      noteHeldBack(undefined);
      return rows.map((row) => ({ row, replica }));
    } catch (error) {
      if (error instanceof StateUnsettled) noteHeldBack(error.reason);
      lost.add(replica, items);
      throw error;
    }
  };
  const begins = createBatcher(STATE_BATCH_MAX, atTurnEnd, runBegins);
  const amends = createBatcher(STATE_BATCH_MAX, atTurnEnd, database.amend);
  const ends = createBatcher(STATE_BATCH_MAX, atTurnEnd, database.end);

  return {
    begin: async (item) =>
      begins.waiting() < STATE_QUEUE_MAX ? begins.add(item).catch(() => undefined) : undefined,
    amend: (item) => amends.add(item).catch(() => false),
    end: async (item) => {
      ending += 1;
      for (;;) {
        const stored = await ends.add(item).catch(() => undefined);
        if (stored !== undefined) {
          ending -= 1;
          return stored;
        }
        await sleep(END_RETRY_MS);
      }
    },
    giveBackLost: lost.giveBack,
    ending: () => ending,
  };
}

type LostBegin = {
  readonly replica: number;
  readonly key: string;
  readonly writeId: string;
  readonly untilMs: number;
};

/** Remembers begins without an answer: one may have been stored, or yet be. Nothing was sent. */
function createLostBegins(database: StateDatabase, monotonicMs: () => number) {
  let lost: readonly LostBegin[] = [];
  return {
    add: (replica: number, items: readonly BeginItem[]): void => {
      const untilMs = monotonicMs() + LOST_BEGIN_MS;
      const more = items.map(({ key, writeId }) => ({ replica, key, writeId, untilMs }));
      lost = [...lost, ...more].slice(-STATE_QUEUE_MAX);
    },
    giveBack: (): void => {
      const nowMs = monotonicMs();
      lost = lost.filter(({ untilMs }) => untilMs > nowMs);
      for (const [replica, items] of Map.groupBy(lost, (item) => item.replica)) {
        void database.giveBack(replica, items).catch(() => {});
      }
    },
  };
}
