import { RECOVERY_BOUNDS } from '../../limits.ts';
import { sleep } from '../clock.ts';
import type { UnlinkedProfile } from '../control/control-rows.ts';
import type { AnswerRow, EndItem, Orphan, ReceiptRow, StateDatabase } from '../state-database.ts';

/** End of a write whose replica is gone, as a read of the profile shows it. */
export type OrphanEnd =
  | {
      readonly receipt: ReceiptRow;
      readonly doubtMs: number;
      /** The answer to the key of the write, where it had one. */
      readonly answer?: AnswerRow;
      /** A profile that was deleted, whose links end with the write. */
      readonly unlink?: UnlinkedProfile;
      /** The profile could not be read: another reading may show more. */
      readonly isUnread?: true | undefined;
    }
  /** The write may still be applied: to be asked again. */
  | 'not_yet';

/** Closes writes by what their profiles show; nothing is ever sent again. */
export type OrphanCloser = {
  /** Time for which a write may still be applied after it was given up. */
  readonly settleMs: (intent: string) => number;
  /** Reads the profile and says how the write ended; rejects only for bugs. */
  readonly close: (orphan: Orphan) => Promise<OrphanEnd>;
};

export type RecoveryOptions = {
  readonly database: Pick<StateDatabase, 'orphans' | 'takeOver'>;
  readonly monotonicMs: () => number;
  readonly closer: OrphanCloser;
  readonly end: (item: EndItem) => Promise<unknown>;
  /** Number of this session; undefined while there is none. */
  readonly replica: () => number | undefined;
  readonly onRecovered: (outcome: string) => void;
  /** When `closer` fails, which only a bug makes it do. */
  readonly onFailed: (error: unknown) => void;
  /** Wait between the first two readings of one profile; each further one is twice as long. */
  readonly readAgainMs: number;
};

/** Recovery of writes that ended with their replica. */
export type OrphanRecovery = {
  /** Takes over the leases of closed sessions, and closes their writes; never rejects. */
  readonly run: () => Promise<void>;
  /** Profiles that are being recovered from here. */
  readonly underWay: () => number;
};

export function createOrphanRecovery(options: RecoveryOptions): OrphanRecovery {
  const { closer, database, end, monotonicMs, onRecovered, readAgainMs } = options;
  let running = 0;
  // A write that only waits for the vendor must hold up no other.
  const inSlot = createSlots(RECOVERY_BOUNDS.reads);
  const onBug = (error: unknown): OrphanEnd => {
    options.onFailed(error);
    return 'not_yet';
  };

  /** Closes one write that this replica has taken over. */
  const recover = async (orphan: Orphan, replica: number): Promise<void> => {
    const takenMs = monotonicMs();
    const settledAtMs = takenMs + orphan.inDoubtMs;
    const close = (): Promise<OrphanEnd> => {
      const nowMs = monotonicMs();
      const inDoubtMs = Math.max(0, settledAtMs - nowMs);
      const ageMs = orphan.ageMs + nowMs - takenMs;
      return closer.close({ ...orphan, inDoubtMs, ageMs }).catch(onBug);
    };
    let waitMs = readAgainMs;
    let unread = 0;
    // Each turn waits, and after the settle time a write is closed by what the next readings show.
    while (options.replica() === replica) {
      const found = await inSlot(close);
      const isUnread = found !== 'not_yet' && found.isUnread === true;
      if (found !== 'not_yet' && !(isUnread && unread < RECOVERY_BOUNDS.unread)) {
        const { fence, key, writeId } = orphan;
        const { isUnread: _isUnread, ...ended } = found;
        await end({ key, fence, writeId, ...ended });
        onRecovered(found.receipt.outcome);
        return;
      }
      if (isUnread) unread += 1;
      const leftMs = settledAtMs - monotonicMs();
      await sleep(leftMs > 0 ? Math.min(waitMs, leftMs) : readAgainMs);
      waitMs = Math.min(2 * waitMs, RECOVERY_BOUNDS.waitMsMax);
    }
  };

  const takeAll = async (replica: number): Promise<void> => {
    const found = await database.orphans(RECOVERY_BOUNDS.open - running);
    if (found.length === 0) return;
    const taking = found.map(({ fence, intent, key }) => ({
      key,
      fence,
      settleMs: closer.settleMs(intent),
    }));
    const fences = await database.takeOver(replica, taking);
    found.forEach((orphan, i) => {
      const [fence, settleMs] = [fences[i], taking[i]?.settleMs];
      if (fence === undefined || settleMs === undefined) return;
      running += 1;
      void recover({ ...orphan, fence, inDoubtMs: settleMs }, replica).finally(() => {
        running -= 1;
      });
    });
  };

  return {
    run: async () => {
      const replica = options.replica();
      if (replica === undefined || running >= RECOVERY_BOUNDS.open) return;
      // The next beat tries again.
      await takeAll(replica).catch(() => {});
    },
    underWay: () => running,
  };
}

/** Creates what runs at most `count` tasks at once; the others wait in their order. */
function createSlots(count: number) {
  const waiting: (() => void)[] = [];
  let free = count;
  return async <T>(task: () => Promise<T>): Promise<T> => {
    if (free > 0) free -= 1;
    else await new Promise<void>((next) => waiting.push(next));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
