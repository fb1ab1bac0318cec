/** The one alarm of an object, which several parts of it wait for. */
export type ObjectAlarm = {
  /** Has the alarm ring at `atMs` or sooner; without it, when the first part is due. */
  readonly wakeBy: (atMs?: number) => void;
  /** Notes that the alarm has rung, and is not set any more. */
  readonly rung: () => void;
};

/** Creates the alarm; `dueMs` returns when the first part is due, undefined where none is. */
export function createObjectAlarm(
  storage: Pick<DurableObjectStorage, 'setAlarm'>,
  dueMs: () => number | undefined,
  now: () => number = Date.now,
): ObjectAlarm {
  let setMs: number | undefined;
  return {
    wakeBy: (atMs) => {
      const nowMs = now();
      const ringsMs = setMs !== undefined && setMs > nowMs ? setMs : Number.POSITIVE_INFINITY;
      // The usual case, which looks at no storage: each alarm that is set is a row that is written.
      if (atMs !== undefined && ringsMs <= atMs) return;
      const firstMs = Math.min(
        dueMs() ?? Number.POSITIVE_INFINITY,
        atMs ?? Number.POSITIVE_INFINITY,
      );
      if (ringsMs <= firstMs) return;
      setMs = Math.max(firstMs, nowMs);
      // Stored together with what it is for; where that fails, the object is stopped.
      void storage.setAlarm(setMs).catch(() => {});
    },
    rung: () => {
      setMs = undefined;
    },
  };
}
