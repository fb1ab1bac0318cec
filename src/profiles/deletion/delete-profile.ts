import {
  type Fault,
  optional,
  type RemoveOperation,
  type StoredProfile,
} from '../../adapter-kit/index.ts';
import type { Ports } from '../../ports.ts';
import type { Links } from '../../routing/links.ts';
import type { Lease } from '../../state/state-store.ts';
import { createWriteId } from '../../state/write-id.ts';
import { type Exchange, withExchange } from '../../upstream/exchange.ts';
import type { Target } from '../../upstream/target.ts';
import type { ExchangeResult } from '../../upstream/target-health.ts';
import { unknownFault } from '../../writes/outcome.ts';
import { type RemoveOutcome, removeProfile } from '../../writes/remove-profile.ts';
import { notBegun, profileKeys } from '../begin-write.ts';
import { createGuard, followedLink } from '../patch-profile.ts';
import type { PatchRequest } from '../patch-request.ts';
import {
  createWriteRecord,
  hashKeyOf,
  type RecordedEnd,
  type RecordedRequest,
  type WriteRecord,
} from '../write-record.ts';
import { linksTo, refuseUnlink, type Unlinked } from './unlink.ts';

export type DeleteRequest = Pick<
  PatchRequest,
  'caller' | 'conditions' | 'endMs' | 'id' | 'requestId' | 'resolved' | 'version'
> & { readonly remove: RemoveOperation };

/** The answer to a delete. */
export type DeleteAnswer = {
  readonly writeId: string;
  readonly end: RemoveOutcome;
  /** Absent: nothing was sent. */
  readonly exchange?: Exchange;
  /** The current tag, where the condition of the request is not met. */
  readonly etag?: string | undefined;
  /** The link that led to the profile was changed before the delete could begin. */
  readonly isStale?: boolean;
};

type DeletingGateway = {
  readonly targets: ReadonlyMap<string, Target>;
  readonly links: Links | undefined;
};

/**
 * Deletes a profile under a lease of it, and with it the links that led there: those of the state
 * end in the same step as the write, and its receipt keeps them.
 */
export function deleteProfile(
  gateway: DeletingGateway,
  ports: Ports,
  request: DeleteRequest,
): Promise<DeleteAnswer> {
  const { endMs, resolved } = request;
  const writeId = createWriteId(ports);
  const refused = (fault: Fault): DeleteAnswer => ({
    writeId,
    end: { outcome: 'rejected', fault },
  });
  const counted = { purpose: 'write', refused, resultOf: deleteResult } as const;
  return withExchange({ target: resolved.target, ports, endMs, ...counted }, async (exchange) => {
    const { state } = ports;
    // What is deleted must leave its links.
    const linked = await refuseUnlink(gateway, resolved, state);
    if (linked !== undefined) return refused(linked);
    const recorded: RecordedRequest = { ...request, deletes: true };
    const record =
      state.hashKey === undefined
        ? undefined
        : await createWriteRecord(ports, hashKeyOf(state), recorded, []);
    const lease = await state.begin({
      ...profileKeys(resolved),
      writeId,
      waitMsMax: Math.max(0, exchange.writeDeadlineAtMs - ports.monotonicMs()),
      intent: record?.intent,
      link: followedLink(request),
    });
    if (lease.kind === 'answered') throw new Error('a delete has no idempotency key');
    if (lease.kind !== 'begun') {
      const answer = refused(notBegun(lease));
      return lease.kind === 'stale' ? { ...answer, isStale: true } : answer;
    }
    return await deleteLeased(gateway, exchange, request, lease, record);
  });
}

/** Deletes under the lease, and ends it however that went. */
async function deleteLeased(
  gateway: DeletingGateway,
  exchange: Exchange,
  request: DeleteRequest,
  lease: Lease,
  record: WriteRecord | undefined,
): Promise<DeleteAnswer> {
  const { state } = exchange.ports;
  const { remove, resolved } = request;
  const guard = createGuard(request, exchange.ports);
  const onRead = async (before: StoredProfile): Promise<boolean> => {
    const intent = await record?.afterRead(before, [], false);
    return intent === undefined || state.amend === undefined || state.amend(lease, intent);
  };
  let end: RemoveOutcome | undefined;
  let links: Unlinked | undefined;
  try {
    const asked = { id: resolved.upstreamId, remove, precondition: guard?.precondition, onRead };
    end = await removeProfile(exchange, asked, lease);
    const found = end.outcome === 'applied' ? await linksTo(gateway, resolved, state) : undefined;
    // Read before the delete, they are forgotten only with a database that has lost changes.
    if (found !== 'unread') links = found;
  } finally {
    const recorded = { ...recordedDelete(end), ...optional('unlinked', links?.unlinked) };
    const receipt = record?.receipt(lease, recorded, exchange.steps);
    const ended = state.end(lease, { receipt, unlink: links?.unlink });
    if (ended !== undefined && (await ended) === 'fenced') end = closedElsewhere();
  }
  const answer = { writeId: lease.writeId, exchange, end: withDoubt(exchange, lease, end) };
  return { ...answer, ...optional('etag', guard?.tag()) };
}

/** Returns the end of a delete for its receipt; one that threw may have been applied. */
function recordedDelete(end: RemoveOutcome | undefined): RecordedEnd {
  const unconfirmed: readonly string[] = [];
  if (end === undefined) return { outcome: 'unknown', reason: 'read_back_failed', unconfirmed };
  if (end.outcome === 'applied') return { ...end, unconfirmed };
  const { fault, outcome } = end;
  const reason = end.outcome === 'unknown' ? { reason: end.reason } : {};
  return { outcome, code: fault.code, unconfirmed, ...reason };
}

/** Returns the end of a delete that another replica has closed: its receipt counts. */
function closedElsewhere(): RemoveOutcome {
  const reason = 'fenced';
  return { outcome: 'unknown', fault: unknownFault(reason), reason };
}

/** Adds to an unknown outcome for how long the profile stays in doubt. */
function withDoubt({ ports }: Exchange, lease: Lease, end: RemoveOutcome): RemoveOutcome {
  const leftMs = end.outcome === 'unknown' ? ports.state.markLeftMs(lease) : 0;
  if (end.outcome !== 'unknown' || leftMs <= 0) return end;
  return { ...end, fault: { ...end.fault, retryAfterSeconds: Math.ceil(leftMs / 1000) } };
}

function deleteResult({ end, exchange }: DeleteAnswer): ExchangeResult | undefined {
  if (end.outcome === 'applied') return { outcome: 'applied', code: undefined };
  if (exchange === undefined) return undefined;
  return { outcome: end.outcome, code: end.fault.code };
}
