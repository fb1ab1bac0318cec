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

type Turn = { readonly untilMs: number };
type Waiter = (end: End) => void;

/**
 * Bounds how many requests a target has to serve at once, in the order in which they came. A turn
 * whose holder never ends it is taken back after its lease: on Workers an invocation may be
 * stopped in the middle.
 */
export function createSlots({ concurrency, queue }: SlotLimits, now: () => number): Slots {
  const turns = new Set<Turn>();
  const urgent: { enter: Waiter; leaseMs: number }[] = [];
  const ordinary: { enter: Waiter; leaseMs: number }[] = [];

  const start = (leaseMs: number): End => {
    const turn = { untilMs: now() + leaseMs };
    turns.add(turn);
    return () => {
      turns.delete(turn);
      enterNext();
    };
  };
  const enterNext = (): void => {
    while (turns.size < concurrency) {
      const next = urgent.shift() ?? ordinary.shift();
      if (next === undefined) return;
      next.enter(start(next.leaseMs));
    }
  };
  const takeBack = (): void => {
    const nowMs = now();
    for (const turn of turns) if (turn.untilMs < nowMs) turns.delete(turn);
    enterNext();
  };

  return {
    counts: () => ({ inFlight: turns.size, waiting: urgent.length + ordinary.length }),
    take: ({ first, leaseMs, waitMsMax }) => {
      if (turns.size >= concurrency) takeBack();
      if (turns.size < concurrency) return start(leaseMs);
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
