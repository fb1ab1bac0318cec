import type { Result, StoredProfile } from '../../adapter-kit/index.ts';
import type { Ports } from '../../ports.ts';
import type { LeaseName } from '../../state/state-database.ts';
import { createWriteId } from '../../state/write-id.ts';
import { type Exchange, startExchange } from '../../upstream/exchange.ts';
import { readWithRetry } from '../../upstream/send-with-retry.ts';
import type { Target } from '../../upstream/target.ts';
import { type CreateIntent, openTrace } from '../../writes/create-intent.ts';
import { createValueHash } from '../../writes/value-hash.ts';
import { hashKeyOf, type RecordedEnd } from '../write-record.ts';
import { keyPrefix, linkReceipt } from './create-record.ts';
import { type CreateEnd, judgeCreate, type OpenCreate, unknownCreate } from './judge-create.ts';

/** End of a create as a search has found it, with the exchange that has searched. */
export type ClosedCreate = CreateEnd & { readonly exchange?: Exchange };

/**
 * Searches for the profile of a create, and links it where that was asked for. Undefined while it
 * may still appear, or cannot be linked now. Nothing is sent but reads.
 */
export async function closeCreate(
  create: OpenCreate & LeaseName,
  targets: ReadonlyMap<string, Target>,
  ports: Ports,
): Promise<ClosedCreate | undefined> {
  const target = creatingTarget(create, targets);
  const operation = target?.connection.create;
  if (target === undefined || operation === undefined) return closeUnreached(create);
  const exchange = startExchange(target, ports, ports.monotonicMs() + ports.deadlineMs);
  // Now it goes before other requests: the outcome of a write matters more than a few reads.
  exchange.writeSent = true;
  const { digests, state } = ports;
  const found = await searchFor(create.intent, exchange, hashKeyOf(state));
  const hashOf = createValueHash(digests, hashKeyOf(state));
  const judged = await judgeCreate(
    create,
    found,
    operation,
    target.fields,
    hashOf,
    state.creatorOf,
  );
  if (judged?.profile === undefined) return judged && { ...judged, exchange };
  // Who has lifted it may have created another profile of the same name since.
  if (await hasReceipt(state, create.writeId)) return { ...judged, exchange };
  const linked = await linkCreated(ports, create, create.intent, judged.profile.upstreamId);
  if (linked === 'unavailable') return undefined;
  return { ...judged, end: withLink(judged.end, linked, create.intent), exchange };
}

/** Reports whether an operator, or another replica, has ended the create: its receipt says so. */
export async function hasReceipt(
  { receipt }: Pick<Ports['state'], 'receipt'>,
  writeId: string,
): Promise<boolean> {
  const found = await receipt?.(writeId);
  return found !== undefined && found !== 'unavailable';
}

function closeUnreached({ inDoubtMs, intent }: OpenCreate): ClosedCreate | undefined {
  if (inDoubtMs > 0) return undefined;
  return { end: unknownCreate('read_back_failed', intent) };
}

/** Finds a target that creates where the create was sent to, the same if that does. */
function creatingTarget(
  { intent, key }: OpenCreate,
  targets: ReadonlyMap<string, Target>,
): Target | undefined {
  const reaches = ({ writeNamespace }: Target): boolean =>
    key.startsWith(keyPrefix(writeNamespace));
  const named = targets.get(intent.target);
  if (named !== undefined && reaches(named)) return named;
  return [...targets.values()].find(reaches);
}

/** Searches by the trace of an intent; undefined where it has none that can be opened. */
async function searchFor(
  { trace: sealed }: CreateIntent,
  exchange: Exchange,
  hashKey: string,
): Promise<Result<readonly StoredProfile[]> | undefined> {
  const trace = sealed === undefined ? undefined : await openTrace(sealed, hashKey);
  const { create } = exchange.target.connection;
  return trace && create && (await readWithRetry(exchange, create.find(trace)));
}

/** End of the link of a created profile; `none`: its caller wants none. */
export type LinkEnd = 'linked' | 'taken' | 'unavailable' | 'none';

/** Links a created profile to the id that its caller wants; `none` where there is none. */
export async function linkCreated(
  ports: Pick<Ports, 'state' | 'now'>,
  lease: LeaseName,
  intent: CreateIntent,
  upstreamId: string,
): Promise<LinkEnd> {
  const { below = {}, id, target } = intent;
  const { addLinkTarget } = ports.state;
  if (id === undefined) return 'none';
  const receipt = linkReceipt(intent, { id, upstreamId, writeId: createWriteId(ports) });
  const link = { id, target, upstreamId, below };
  return (await addLinkTarget?.(lease, link, receipt)) ?? 'unavailable';
}

/** The pointer of the id in a request, which is no field of a profile. */
export const ID_POINTER = '/id';

/** Adds to the end of a create what became of its link. */
export function withLink(
  end: RecordedEnd,
  linked: LinkEnd,
  intent: Pick<CreateIntent, 'changes'>,
): RecordedEnd {
  if (linked === 'linked' || linked === 'none') return end;
  if (linked === 'unavailable') return { ...end, unconfirmed: [...end.unconfirmed, ID_POINTER] };
  const { notApplied = [], unconfirmed } = end;
  const isApplied = (pointer: string): boolean =>
    !notApplied.includes(pointer) && !unconfirmed.includes(pointer);
  const applied = intent.changes.map(({ pointer }) => pointer).filter(isApplied);
  const code = 'partially_applied';
  return { ...end, outcome: 'partial', code, applied, notApplied: [...notApplied, ID_POINTER] };
}
