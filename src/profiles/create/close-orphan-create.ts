import type { Ports } from '../../ports.ts';
import type { OrphanEnd } from '../../state/replica/orphan-recovery.ts';
import type { AnswerRow, LeaseName, Orphan } from '../../state/state-database.ts';
import type { Target } from '../../upstream/target.ts';
import type { CreateIntent } from '../../writes/create-intent.ts';
import { isUnread, type RecordedEnd } from '../write-record.ts';
import { closeCreate } from './close-create.ts';
import { createReceipt } from './create-record.ts';
import { createScope } from './create-request.ts';
import { unknownCreate } from './judge-create.ts';

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
  return { receipt, doubtMs: 0, isUnread: isUnread(end), ...answerTo(intent, end) };
}

/** Returns the end of an open create that an operator lifts: what became of it is not known. */
export function endOfLifted(intent: CreateIntent, lease: LeaseName): Exclude<OrphanEnd, 'not_yet'> {
  const end = unknownCreate('unproven', intent);
  const receipt = createReceipt(intent, lease, { end, upstreamId: undefined, steps: [] });
  return { receipt, doubtMs: 0, ...answerTo(intent, end) };
}

/** Returns the answer to the key of a create; none for one that was not sent: its key is free. */
function answerTo(
  { caller = '', earlier, idempotency, target }: CreateIntent,
  { outcome }: RecordedEnd,
): { readonly answer?: AnswerRow } {
  if (idempotency === undefined || earlier === undefined) return {};
  const named = { caller, id: createScope(target), ...idempotency };
  // Sealed for nobody: only its caller has the key.
  return { answer: { ...named, outcome, sealed: '' } };
}
