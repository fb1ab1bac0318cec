import type { ConfigSnapshot } from '../../config/snapshot.ts';
import { LOOK_AGAIN_MS, LOOK_AGAIN_MS_MAX, LOOKS_MAX } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import { createOrphanCloser } from '../../profiles/close-orphan.ts';
import type { OrphanEnd } from '../../state/replica/orphan-recovery.ts';
import type { RecordedState } from './recorded-state.ts';
import type { LedgerWrite, WriteLedger } from './write-ledger.ts';

export type ObjectRecoveryOptions = {
  readonly ledger: WriteLedger;
  readonly state: RecordedState;
  readonly ports: Ports;
  readonly hashKey: string;
  /** Returns the configuration in force; undefined while there is none. */
  readonly gateway: () => Promise<ConfigSnapshot | undefined>;
};

type Reached = ConfigSnapshot['targets'];
const UNREACHED: Reached = new Map();

/** Name that receipts show for who has closed a write. */
const REPLICA = 'object';

/**
 * Returns what closes a write of an object that was cut off, once it is due: the object was
 * stopped, or the request ended by the runtime. It reads the profile and sends nothing. The
 * look after the settle time is the last, unless there is no configuration; then they are bounded.
 * A look that fails is followed by another one; it rejects only where the storage fails too.
 */
export function createObjectRecovery(options: ObjectRecoveryOptions): () => Promise<void> {
  const { hashKey, ledger, ports, state } = options;
  const { log, now } = ports;

  const endOf = (open: LedgerWrite, targets: Reached): Promise<OrphanEnd> =>
    createOrphanCloser({ targets: () => targets, ports, hashKey, replica: REPLICA }).close({
      ...open,
      replica: 0,
      ageMs: Math.max(0, now() - open.beganAtMs),
      inDoubtMs: state.openMs(open),
    });

  const look = async (open: LedgerWrite): Promise<void> => {
    const leftMs = state.openMs(open);
    // Its request may still run, unless even the vendor must be done with it.
    if (state.holds(open) && leftMs > 0) return ledger.lookAgain(open, now() + leftMs);
    const targets =
      open.looks >= LOOKS_MAX && leftMs <= 0 ? UNREACHED : (await options.gateway())?.targets;
    const found = targets === undefined ? 'not_yet' : await endOf(open, targets);
    if (found === 'not_yet') return ledger.lookAgain(open, nextLookMs(open));
    if (!state.close(open, found)) return;
    const { outcome } = found.receipt;
    log({ level: 'warn', event: 'recovered', writeId: open.writeId, outcome });
  };

  return async () => {
    const open = ledger.openWrite();
    if (open === undefined || open.lookAtMs > now()) return;
    try {
      await look(open);
    } catch (error) {
      const reason = error instanceof Error ? error.name : 'error';
      log({ level: 'error', event: 'recovery_failed', writeId: open.writeId, reason });
      ledger.lookAgain(open, nextLookMs(open));
    }
  };

  function nextLookMs(open: LedgerWrite): number {
    const leftMs = state.openMs(open);
    const waitMs = Math.min(LOOK_AGAIN_MS * 2 ** open.looks, LOOK_AGAIN_MS_MAX);
    return now() + (leftMs > 0 ? Math.min(waitMs, leftMs) : waitMs);
  }
}
