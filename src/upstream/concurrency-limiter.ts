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
type Waiter = (end: Release) => void;

/**
 * Bounds the requests in flight at a target; further ones wait, first come first served. A permit
 * that is never released expires: on Workers an invocation may be stopped in the middle.
 */
export function createConcurrencyLimiter(
  { maxConcurrentRequests, maxQueuedRequests }: ConcurrencyLimits,
  now: () => number,
): ConcurrencyLimiter {
  /** In no order. A `Set` would keep garbage alive, as `createCompactingMap` explains for `Map`. */
  const held: HeldPermit[] = [];
  const urgent: { enter: Waiter; permitTtlMs: number }[] = [];
  const ordinary: { enter: Waiter; permitTtlMs: number }[] = [];

  const start = (permitTtlMs: number): Release => {
    const permit = { untilMs: now() + permitTtlMs, place: held.length };
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
      next.enter(start(next.permitTtlMs));
    }
  };
  const reclaimExpired = (): void => {
    const nowMs = now();
    for (const permit of held.filter(({ untilMs }) => untilMs < nowMs)) remove(held, permit);
    enterNext();
  };

  return {
    counts: () => ({ inFlight: held.length, waiting: urgent.length + ordinary.length }),
    acquire: ({ first, permitTtlMs, waitMsMax }) => {
      if (held.length >= maxConcurrentRequests) reclaimExpired();
      if (held.length < maxConcurrentRequests) return start(permitTtlMs);
      const line = first ? urgent : ordinary;
      if (line.length >= maxQueuedRequests) return 'full';
      return new Promise((resolve) => {
        const waiter = {
          permitTtlMs,
          enter: (end: Release): void => {
            clearTimeout(timer);
            resolve(end);
          },
        };
        const timer = setTimeout(() => {
          line.splice(line.indexOf(waiter), 1);
          resolve('late');
        }, waitMsMax);
        line.push(waiter);
      });
    },
  };
}

/** Removes a permit, unless it has expired; the last one moves to its index. */
function remove(held: HeldPermit[], permit: HeldPermit): void {
  if (held[permit.place] !== permit) return;
  const last = held.pop();
  if (last === undefined || last === permit) return;
  held[permit.place] = last;
  last.place = permit.place;
}
