import type { Clock } from '../clock.ts';
import { type Replica, type StateDatabase, StateUnavailable } from '../state-database.ts';

export type ReplicaSessionOptions = {
  readonly database: Pick<StateDatabase, 'startReplica' | 'beat' | 'closeReplica' | 'keysLostMs'>;
  readonly clock: Clock;
  /** Shown to operators: the name of this process, and the version of its program. */
  readonly name: string;
  readonly version: string;
  readonly beatMs: number;
  /** Time without a beat after which other replicas close a session. */
  readonly sessionMs: number;
  /** Version of the links that no write follows an older one of. */
  readonly linksVersion: () => number;
  /** After each confirmed beat, with the open sessions of all. */
  readonly onBeat: (replicas: readonly Replica[]) => void;
  /** When the database begins or ceases to answer, then with the reason where it is known. */
  readonly onReachable: (isReachable: boolean, reason?: string) => void;
};

/** The session of this process in the shared state. */
export type ReplicaSession = {
  /** Number of the open session; undefined while there is none. */
  readonly current: () => number | undefined;
  /**
   * Milliseconds for which writes of a session may still leave, by the later of two clocks: that of
   * spans stands still in a suspended machine, and the other may be set. 0: they may not.
   */
  readonly leftMs: (replica: number) => number;
  /** Milliseconds for which a key without an answer may be one whose answer a restore has lost. */
  readonly keysLostMs: () => number;
  /** The open sessions of all, as the last beat showed them. */
  readonly replicas: () => readonly Replica[];
  /** Begins to beat; resolves after the first try. */
  readonly start: () => Promise<void>;
  /** Beats no more, and closes the session. */
  readonly close: () => Promise<void>;
};

/** Share of a session that is kept for clocks that run at different rates. */
const MARGIN_SHARE = 0.2;

/** Creates the session of a process, which is begun anew whenever it was lost. */
export function createReplicaSession(options: ReplicaSessionOptions): ReplicaSession {
  const { beatMs, clock, database, onBeat, onReachable, sessionMs } = options;
  const writesMs = sessionMs * (1 - MARGIN_SHARE);
  let open: { readonly replica: number; readonly sentAt: Moment } | undefined;
  let replicas: readonly Replica[] = [];
  let keysLostUntilMs = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isReachable: boolean | undefined;
  let isClosing = false;

  const note = (reachable: boolean, reason?: string): void => {
    if (reachable !== isReachable) onReachable(reachable, reason);
    isReachable = reachable;
  };

  /** One beat, or a new session where there is none. Never rejects. */
  const beat = async (): Promise<void> => {
    const sentAt = momentOf(clock);
    try {
      if (open === undefined) {
        // Once for a session is enough: a restore closes all of them. Before it: none stays unused.
        keysLostUntilMs = clock.monotonicMs() + (await database.keysLostMs());
        const replica = await database.startReplica({
          name: options.name,
          version: options.version,
        });
        if (isClosing) return void (await database.closeReplica(replica));
        open = { replica, sentAt };
      }
      const { replica } = open;
      const seen = await database.beat(replica, options.linksVersion());
      note(true);
      if (seen === undefined || isClosing) {
        open = undefined;
        return;
      }
      open = { replica, sentAt };
      replicas = seen;
      onBeat(seen);
    } catch (error) {
      note(false, error instanceof StateUnavailable ? error.reason : undefined);
    }
  };

  const beatOn = async (): Promise<void> => {
    const startMs = clock.monotonicMs();
    await beat();
    // A session that was lost is followed by another one at once.
    if (open === undefined && isReachable === true && !isClosing) await beat();
    if (isClosing) return;
    const spentMs = clock.monotonicMs() - startMs;
    timer = setTimeout(() => void beatOn(), Math.max(0, beatMs - spentMs));
  };

  return {
    current: () => open?.replica,
    leftMs: (replica) =>
      open?.replica === replica ? Math.max(0, writesMs - spentMs(open.sentAt, clock)) : 0,
    keysLostMs: () => Math.max(0, keysLostUntilMs - clock.monotonicMs()),
    replicas: () => replicas,
    start: beatOn,
    close: async () => {
      isClosing = true;
      if (timer !== undefined) clearTimeout(timer);
      const last = open;
      open = undefined;
      if (last !== undefined) await database.closeReplica(last.replica).catch(() => false);
    },
  };
}

type Moment = { readonly monotonicMs: number; readonly atMs: number };

function momentOf({ monotonicMs, now }: Clock): Moment {
  return { monotonicMs: monotonicMs(), atMs: now() };
}

function spentMs(since: Moment, clock: Clock): number {
  const { atMs, monotonicMs } = momentOf(clock);
  return Math.max(monotonicMs - since.monotonicMs, atMs - since.atMs);
}
