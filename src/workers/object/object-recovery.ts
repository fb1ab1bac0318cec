import type { ConfigSnapshot } from '../../config/snapshot.ts';
import { LOOK_AGAIN_MS, LOOK_AGAIN_MS_MAX, LOOKS_MAX } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import { createOrphanCloser } from '../../profiles/close-orphan.ts';
import type { OrphanEnd } from '../../state/orphan-recovery.ts';
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
 */
export function createObjectRecovery(options: ObjectRecoveryOptions): () => Promise<void> {
  const { hashKey, ledger, ports, state } = options;
  const { log, now } = ports;

  const endOf = (open: LedgerWrite, targets: Reached): Promise<OrphanEnd> =>
    createOrphanCloser({ targets: () => targets, ports, hashKey, replica: REPLICA })
      .close({
        ...open,
        replica: 0,
        ageMs: Math.max(0, now() - open.beganAtMs),
        inDoubtMs: state.openMs(open),
      })
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.name : 'error';
        log({ level: 'error', event: 'recovery_failed', writeId: open.writeId, reason });
        return 'not_yet';
      });

  return async () => {
    const open = ledger.openWrite();
    if (open === undefined || open.lookAtMs > now()) return;
    const leftMs = state.openMs(open);
    // Its request may still run, unless even the vendor must be done with it.
    if (state.holds(open) && leftMs > 0) return ledger.lookAgain(now() + leftMs);
    const targets =
      open.looks >= LOOKS_MAX && leftMs <= 0 ? UNREACHED : (await options.gateway())?.targets;
    const found = targets === undefined ? 'not_yet' : await endOf(open, targets);
    if (found === 'not_yet') return ledger.lookAgain(nextLookMs(open));
    state.close(open, found);
    const { outcome } = found.receipt;
    log({ level: 'warn', event: 'recovered', writeId: open.writeId, outcome });
  };

  function nextLookMs(open: LedgerWrite): number {
    const leftMs = state.openMs(open);
    const waitMs = Math.min(LOOK_AGAIN_MS * 2 ** open.looks, LOOK_AGAIN_MS_MAX);
    return now() + (leftMs > 0 ? Math.min(waitMs, leftMs) : waitMs);
  }
}
