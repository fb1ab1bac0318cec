import type { Replica } from '../state-database.ts';

export type ReplicaWatchOptions = {
  readonly monotonicMs: () => number;
  readonly sessionMs: number;
};

/** Finds sessions that have stopped beating, by the observer's own clock alone. */
export type ReplicaWatch = {
  /** Takes what a confirmed beat showed; returns the sessions that have not beaten for too long. */
  readonly silent: (replicas: readonly Replica[], own: number) => readonly Replica[];
};

type Seen = { readonly beat: number; readonly sinceMs: number };

/**
 * Creates a watch. A session is silent once the same beat was seen twice, `sessionMs` apart, with
 * the observer's own beats confirmed between: after an outage of its own it forgets what it saw,
 * else an outage of the database would make every replica close every other.
 */
export function createReplicaWatch({ monotonicMs, sessionMs }: ReplicaWatchOptions): ReplicaWatch {
  let seen: ReadonlyMap<number, Seen> = new Map();
  let lastMs = Number.NEGATIVE_INFINITY;
  return {
    silent: (replicas, own) => {
      const nowMs = monotonicMs();
      const known = nowMs - lastMs < sessionMs / 2 ? seen : new Map<number, Seen>();
      lastMs = nowMs;
      const others = replicas.filter(({ replica }) => replica !== own);
      seen = new Map(
        others.map(({ beat, replica }): [number, Seen] => {
          const before = known.get(replica);
          return [replica, before?.beat === beat ? before : { beat, sinceMs: nowMs }];
        }),
      );
      return others.filter(
        ({ replica }) => nowMs - (seen.get(replica)?.sinceMs ?? nowMs) >= sessionMs,
      );
    },
  };
}
