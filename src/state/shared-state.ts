import { END_WAIT_MS_MAX, ORPHAN_LOOK_BEATS } from '../limits.ts';
import { type Clock, sleep } from './clock.ts';
import { createControlFollower } from './control/control-follower.ts';
import type { Control } from './control/control-rows.ts';
import type { LinkSink } from './control/link-follower.ts';
import { createLeasedState, type LeasedState } from './leased-state.ts';
import {
  createOrphanRecovery,
  type OrphanCloser,
  type OrphanRecovery,
  type RecoveryOptions,
} from './replica/orphan-recovery.ts';
import { createPruneStep } from './replica/pruning.ts';
import { createReplicaSession } from './replica/replica-session.ts';
import { createReplicaWatch } from './replica/replica-watch.ts';
import type { Replica, Retention, StateDatabase } from './state-database.ts';
import type { StateStore } from './state-store.ts';

export type SharedStateOptions = {
  readonly database: StateDatabase;
  readonly clock: Clock;
  readonly random: () => number;
  readonly atTurnEnd: (step: () => void) => void;
  readonly hashKey: string;
  /** Names this process for operators, with the version of its program. */
  readonly name: string;
  readonly version: string;
  readonly sessionMs: number;
  readonly retention: Retention;
  /** Takes the links that the API has changed; absent: nobody follows them. */
  readonly links?: LinkSink;
  readonly onEvent: (event: StateEvent) => void;
};

/** An event of the state that an operator should see. */
export type StateEvent =
  | { readonly kind: 'reachable' }
  /** The reason is for operators, and undefined where it is not known. */
  | { readonly kind: 'unreachable'; readonly reason: string | undefined }
  /** The database answers, and no write begins yet; undefined: writes begin again. */
  | { readonly kind: 'held_back'; readonly reason: string | undefined }
  /** Another replica has closed a write of this one; `sent_late`: after that it may still land. */
  | { readonly kind: 'fenced' | 'sent_late'; readonly writeId: string }
  /** This replica has closed the session of another one. */
  | { readonly kind: 'replica_closed'; readonly replica: Replica }
  | { readonly kind: 'recovered'; readonly outcome: string }
  | { readonly kind: 'recovery_failed'; readonly error: unknown };

/** The state that replicas share, as one of them uses it. */
export type SharedState = {
  readonly state: StateStore;
  /**
   * Begins to beat, to recover with `closer`, and to apply what holds for all replicas; resolves
   * after the first try.
   */
  readonly start: (closer: OrphanCloser, apply?: (control: Control) => void) => Promise<void>;
  /** Reads what holds for all replicas, and applies it. Rejects with `StateUnavailable`. */
  readonly follow: () => Promise<void>;
  /** Stores what has ended and closes the session. */
  readonly close: () => Promise<void>;
  readonly view: () => SharedStateView;
  /** Number of open sessions as the last beat showed them, this one included. */
  readonly liveReplicas: () => number;
};

export type SharedStateView = {
  readonly isReachable: boolean;
  /** Number of this replica's session; undefined while there is none. */
  readonly replica: number | undefined;
  readonly replicas: readonly Replica[];
  readonly held: number;
  readonly ending: number;
  readonly recovering: number;
  /** Version of the links that no write of this replica follows an older one of. */
  readonly linksVersion: number;
};

/** Time between two looks for ends that are not stored yet. */
const END_LOOK_MS = 10;
/** Beats in the time of one session. */
const BEATS_PER_SESSION = 5;

function beatMsOf({ sessionMs }: Pick<SharedStateOptions, 'sessionMs'>): number {
  return sessionMs / BEATS_PER_SESSION;
}

/** Joins a database, the session of this process and the recovery of others' writes. */
export function createSharedState(options: SharedStateOptions): SharedState {
  const { clock, database, onEvent, sessionMs } = options;
  const watch = createReplicaWatch({ monotonicMs: clock.monotonicMs, sessionMs });
  let recovery: OrphanRecovery | undefined;
  const control = createControlFollower(database, options.links);
  let isReachable = false;
  let beats = 0;

  const pruneAtBeat = createPruneStep(database, options.retention);
  const linksVersion = () => control.linksVersion(state.oldestLinks());
  const onBeat = async (replicas: readonly Replica[]): Promise<void> => {
    const own = session.current();
    if (own === undefined) return;
    beats += 1;
    state.statements.giveBackLost();
    // Beside the rest, which may take long.
    void control.follow().catch(() => {});
    const hasClosed = await closeSilent(options, watch.silent(replicas, own));
    if (hasClosed || beats % ORPHAN_LOOK_BEATS === 1) await recovery?.run();
    await pruneAtBeat();
  };

  const session = createReplicaSession({
    ...options,
    beatMs: beatMsOf(options),
    linksVersion,
    // The next beat does what this one could not.
    onBeat: (replicas) => void onBeat(replicas).catch(() => {}),
    onReachable: (reachable, reason) => {
      isReachable = reachable;
      onEvent(reachable ? { kind: 'reachable' } : { kind: 'unreachable', reason });
    },
  });

  const state = createLeasedState({
    ...options,
    session,
    followLinks: control.followLinks,
    onHeldBack: (reason) => onEvent({ kind: 'held_back', reason }),
    onFenced: ({ writeId }, isLate) => onEvent({ kind: isLate ? 'sent_late' : 'fenced', writeId }),
  });

  return {
    state,
    start: async (closer, onControl) => {
      control.applyBy(onControl);
      const { end } = state.statements;
      recovery = recoveryOf(options, { closer, end, replica: session.current });
      await session.start();
      // The first request finds the links and the drains.
      if (isReachable) await control.follow().catch(() => {});
    },
    follow: control.follow,
    close: async () => {
      await endsStored(state, clock);
      await session.close();
      await database.close();
    },
    liveReplicas: () => Math.max(1, session.replicas().length),
    view: () => ({
      isReachable,
      replica: session.current(),
      replicas: session.replicas(),
      held: state.held(),
      ending: state.statements.ending(),
      recovering: recovery?.underWay() ?? 0,
      linksVersion: linksVersion(),
    }),
  };
}

function recoveryOf(
  options: SharedStateOptions,
  parts: Pick<RecoveryOptions, 'closer' | 'end' | 'replica'>,
): OrphanRecovery {
  const { clock, database, onEvent } = options;
  return createOrphanRecovery({
    ...parts,
    database,
    monotonicMs: clock.monotonicMs,
    readAgainMs: beatMsOf(options),
    onRecovered: (outcome) => onEvent({ kind: 'recovered', outcome }),
    onFailed: (error) => onEvent({ kind: 'recovery_failed', error }),
  });
}

/** Closes the sessions of others that have gone silent; true where one was closed. */
async function closeSilent(
  { database, onEvent }: Pick<SharedStateOptions, 'database' | 'onEvent'>,
  silent: readonly Replica[],
): Promise<boolean> {
  let hasClosed = false;
  for (const replica of silent) {
    if (!(await database.closeReplica(replica.replica, replica.beat))) continue;
    hasClosed = true;
    onEvent({ kind: 'replica_closed', replica });
  }
  return hasClosed;
}

/** Waits until every end is stored, but no longer than `END_WAIT_MS_MAX`. */
async function endsStored({ statements }: LeasedState, { monotonicMs }: Clock): Promise<void> {
  const untilMs = monotonicMs() + END_WAIT_MS_MAX;
  while (statements.ending() > 0 && monotonicMs() < untilMs) {
    await sleep(END_LOOK_MS);
  }
}
