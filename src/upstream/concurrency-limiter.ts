import { boundedWait } from '../state/bounded-wait.ts';

export type ConcurrencyLimits = {
  /** Most requests in flight at once. */
  readonly maxConcurrentRequests: number;
  /** Most requests that wait for a permit. */
  readonly maxQueuedRequests: number;
};

/** A permit; call it once to release it. */
export type Release = () => void;

export type ConcurrencyLimiter = {
  /**
   * Returns a permit that expires after `permitTtlMs`; `full` when too many requests wait, `late`
   * when no permit was released within `waitMsMax`. Requests with `first` have a queue of their
   * own, which is served before the other one.
   */
  readonly acquire: (asked: {
    readonly waitMsMax: number;
    readonly permitTtlMs: number;
    readonly first: boolean;
  }) => Release | Promise<Release | 'late'> | 'full';
  readonly counts: () => { readonly inFlight: number; readonly waiting: number };
};

/** A permit in use, and its index in the list of them. */
type HeldPermit = { readonly untilMs: number; place: number };
type Waiter = {
  readonly enter: (release: Release) => void;
  readonly permitTtlMs: number;
  /** End of the wait; on Workers no timer of an invocation that was stopped removes the waiter. */
  readonly untilMs: number;
};

/**
 * Bounds the requests in flight at a target; further ones wait, first come first served. A permit
 * that is never released expires: on Workers an invocation may be stopped in the middle.
 */
export function createConcurrencyLimiter(
  { maxConcurrentRequests, maxQueuedRequests }: ConcurrencyLimits,
  monotonicMs: () => number,
): ConcurrencyLimiter {
  /** In no order. A `Set` would keep garbage alive, as `createCompactingMap` explains for `Map`. */
  const held: HeldPermit[] = [];
  const urgent: Waiter[] = [];
  const ordinary: Waiter[] = [];

  const start = (permitTtlMs: number): Release => {
    const permit = { untilMs: monotonicMs() + permitTtlMs, place: held.length };
    held.push(permit);
    return () => {
      remove(held, permit);
      enterNext();
    };
  };
  const enterNext = (): void => {
    while (held.length < maxConcurrentRequests) {
      const next = urgent.shift() ?? ordinary.shift();
      if (next === undefined) return;
      if (monotonicMs() <= next.untilMs) next.enter(start(next.permitTtlMs));
    }
  };
  const reclaimExpired = (): void => {
    const nowMs = monotonicMs();
    for (const permit of held.filter(({ untilMs }) => untilMs < nowMs)) remove(held, permit);
    enterNext();
  };

  return {
    counts: () => ({ inFlight: held.length, waiting: urgent.length + ordinary.length }),
    acquire: ({ first, permitTtlMs, waitMsMax }) => {
      if (held.length >= maxConcurrentRequests) reclaimExpired();
      if (held.length < maxConcurrentRequests) return start(permitTtlMs);
      const line = first ? urgent : ordinary;
      if (line.length >= maxQueuedRequests) dropExpired(line, monotonicMs());
      if (line.length >= maxQueuedRequests) return 'full';
      const wait = boundedWait<Release | 'late'>(waitMsMax, () => {
        leave(line, waiter);
        return 'late';
      });
      const waiter = { permitTtlMs, untilMs: monotonicMs() + waitMsMax, enter: wait.end };
      line.push(waiter);
      return wait.result;
    },
  };
}

/** Removes a waiter, unless it has a permit. */
function leave(line: Waiter[], waiter: Waiter): void {
  const place = line.indexOf(waiter);
  if (place >= 0) line.splice(place, 1);
}

/** Removes the waiters whose time is over. */
function dropExpired(line: Waiter[], nowMs: number): void {
  for (const waiter of line.filter(({ untilMs }) => untilMs < nowMs)) leave(line, waiter);
}

/** Removes a permit, unless it has expired; the last one moves to its index. */
function remove(held: HeldPermit[], permit: HeldPermit): void {
  if (held[permit.place] !== permit) return;
  const last = held.pop();
  if (last === undefined || last === permit) return;
  held[permit.place] = last;
  last.place = permit.place;
}
