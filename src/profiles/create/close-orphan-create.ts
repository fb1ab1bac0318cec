import type { Ports } from '../../ports.ts';
import type { OrphanEnd } from '../../state/replica/orphan-recovery.ts';
import type { Orphan } from '../../state/state-database.ts';
import type { Target } from '../../upstream/target.ts';
import type { CreateIntent } from '../../writes/create-intent.ts';
import { closeCreate } from './close-create.ts';
import { createReceipt } from './create-record.ts';
import { createScope } from './create-request.ts';

export type OrphanCreateOptions = {
  readonly targets: () => ReadonlyMap<string, Target>;
  readonly ports: Ports;
  /** Name of this replica, which the receipt shows. */
  readonly replica: string;
};

/** Closes the create of a replica that is gone, by what a search for its profile finds. */
export async function closeOrphanCreate(
  orphan: Orphan,
  intent: CreateIntent,
  { ports, replica: recoveredBy, targets }: OrphanCreateOptions,
): Promise<OrphanEnd> {
  const closed = await closeCreate({ ...orphan, intent }, targets(), ports);
  if (closed === undefined) return 'not_yet';
  const { end, exchange, profile } = closed;
  const recovered = { end, upstreamId: profile?.upstreamId, steps: exchange?.steps ?? [] };
  const receipt = createReceipt(intent, orphan, { ...recovered, recoveredBy });
  const { caller = '', idempotency, target } = intent;
  if (idempotency === undefined) return { receipt, doubtMs: 0 };
  const named = { caller, id: createScope(target), ...idempotency };
  // Sealed for nobody: only its caller has the key.
  return { receipt, doubtMs: 0, answer: { ...named, outcome: end.outcome, sealed: '' } };
}
