export type SlotLimits = {
  /** Most requests under way at once. */
  readonly concurrency: number;
  /** Most requests that wait for their turn. */
  readonly queue: number;
};

/** A turn: ended by calling it, once. */
export type End = () => void;

export type Slots = {
  /**
   * A turn that is over after `leaseMs` at the latest; `full` when too many wait, `late` when none
   * came within `waitMsMax`. `first` goes before all others, and has a queue of its own.
   */
  readonly take: (asked: {
    readonly waitMsMax: number;
    readonly leaseMs: number;
    readonly first: boolean;
  }) => End | Promise<End | 'late'> | 'full';
  readonly counts: () => { readonly inFlight: number; readonly waiting: number };
};

/** A turn that was given, and its place among those that are under way. */
type Turn = { readonly untilMs: number; place: number };
type Waiter = (end: End) => void;

/**
 * Bounds how many requests a target has to serve at once, in the order in which they came. A turn
 * whose holder never ends it is taken back after its lease: on Workers an invocation may be
 * stopped in the middle.
 */
export function createSlots({ concurrency, queue }: SlotLimits, now: () => number): Slots {
  /** In no order. A `Set` would keep garbage alive as `createBriefMap` tells of a `Map`. */
  const turns: Turn[] = [];
  const urgent: { enter: Waiter; leaseMs: number }[] = [];
  const ordinary: { enter: Waiter; leaseMs: number }[] = [];

  const start = (leaseMs: number): End => {
    const turn = { untilMs: now() + leaseMs, place: turns.length };
    turns.push(turn);
    return () => {
      remove(turns, turn);
      enterNext();
    };
  };
  const enterNext = (): void => {
    while (turns.length < concurrency) {
      const next = urgent.shift() ?? ordinary.shift();
      if (next === undefined) return;
      next.enter(start(next.leaseMs));
    }
  };
  const takeBack = (): void => {
    const nowMs = now();
    for (const turn of turns.filter(({ untilMs }) => untilMs < nowMs)) remove(turns, turn);
    enterNext();
  };

  return {
    counts: () => ({ inFlight: turns.length, waiting: urgent.length + ordinary.length }),
    take: ({ first, leaseMs, waitMsMax }) => {
      if (turns.length >= concurrency) takeBack();
      if (turns.length < concurrency) return start(leaseMs);
      const line = first ? urgent : ordinary;
      if (line.length >= queue) return 'full';
      return new Promise((resolve) => {
        const waiter = {
          leaseMs,
          enter: (end: End): void => {
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

/** Takes out a turn that may be gone already; the last one takes its place. */
function remove(turns: Turn[], turn: Turn): void {
  if (turns[turn.place] !== turn) return;
  const last = turns.pop();
  if (last === undefined || last === turn) return;
  turns[turn.place] = last;
  last.place = turn.place;
}
