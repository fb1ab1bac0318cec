import {
  type Fault,
  type HttpResponse,
  ownFault,
  type RemoveOperation,
  type StoredProfile,
} from '../adapter-kit/index.ts';
import { REMOVE_SENDS_MAX } from '../limits.ts';
import type { Lease } from '../state/state-store.ts';
import { writesRevokeTokens } from '../upstream/authorize.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { readWithRetry, sendWithRetry } from '../upstream/send-with-retry.ts';
import { leaseLost } from '../upstream/target-fault.ts';
import { type UnknownReason, unknownFault } from './outcome.ts';
import { type Precondition, readPersistently } from './write-profile.ts';
import type { Evidence } from './write-state.ts';

export type RemoveRequest = {
  readonly id: string;
  readonly remove: RemoveOperation;
  /** Rejects the delete by what the profile is now: `If-Match`. */
  readonly precondition: Precondition | undefined;
  /** Called with what was read before the first send; false where the lease is lost. */
  readonly onRead: ((before: StoredProfile) => Promise<boolean>) | undefined;
};

/** End of a delete. */
export type RemoveOutcome =
  | { readonly outcome: 'applied'; readonly evidence: Evidence }
  | { readonly outcome: 'rejected'; readonly fault: Fault }
  | { readonly outcome: 'unknown'; readonly fault: Fault; readonly reason: UnknownReason };

/**
 * Deletes a profile and finds out how that ended. It is read first, so that it surely is the one of
 * the id. After a send without an answer it is read back: gone, it is deleted; still there, the
 * delete is sent once more, which can reach no other profile.
 */
export async function removeProfile(
  exchange: Exchange,
  request: RemoveRequest,
  lease: Lease,
): Promise<RemoveOutcome> {
  const { id, onRead, remove } = request;
  const { connection } = exchange.target;
  const read = await readWithRetry(exchange, connection.read(id), exchange.writeDeadlineAtMs);
  if (!read.ok) return notDeleted(read.fault);
  const before = read.value;
  const unmet = await unmetBy(request, before);
  if (unmet !== undefined) return notDeleted(unmet);
  if (onRead !== undefined && !(await onRead(before))) return notDeleted(leaseLost());
  exchange.lease = lease;
  let unanswered: Fault | undefined;
  for (let sends = 1; sends <= REMOVE_SENDS_MAX; sends += 1) {
    const sent = await sendRemove(exchange, request, before);
    if (sent.kind === 'deleted') return settled(exchange, lease, BY_RESPONSE);
    const { fault } = sent;
    if (sent.kind === 'unanswered') {
      unanswered = fault;
      exchange.ports.state.markInDoubt(lease, exchange.target.settleMs);
    } else if (unanswered === undefined && !mayBeDone(exchange, fault)) {
      return settled(exchange, lease, await refusedEnd(exchange, id, fault));
    }
    const seen = await readPersistently(exchange, id);
    const isGone = !seen.ok && seen.fault.code === 'profile_not_found';
    if (isGone && remove.absence === 'deleted') return settled(exchange, lease, READ_BACK);
    if (isGone) return unknownEnd('deleted_or_hidden', fault);
    if (!seen.ok) return unknownEnd('read_back_failed', fault);
    if (sent.kind === 'unanswered') {
      if (sends === REMOVE_SENDS_MAX) break;
      // Changed meanwhile, it is not what the caller wants deleted; the first send may still land.
      const unmet = await unmetBy(request, seen.value);
      if (unmet !== undefined) return unknownEnd('unproven', fault);
      continue;
    }
    if (unanswered === undefined) return settled(exchange, lease, notDeleted(fault));
    return unknownEnd('retry_failed', fault);
  }
  return unknownEnd('retry_failed', unanswered);
}

/**
 * Reports whether a refusal may answer a request that was delivered twice: the profile was there a
 * moment ago, and the credential was accepted. A delete may end the token that it was sent with.
 */
function mayBeDone({ target }: Exchange, { code }: Fault): boolean {
  if (code === 'profile_not_found') return true;
  return code === 'target_unauthorized' && writesRevokeTokens(target);
}

const READ_BACK: RemoveOutcome = { outcome: 'applied', evidence: 'read_back' };
const BY_RESPONSE: RemoveOutcome = { outcome: 'applied', evidence: 'response' };

type RemoveSent =
  | { readonly kind: 'deleted' }
  /** Surely not deleted by this request. */
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'unanswered'; readonly fault: Fault };

/** Sends the requests of a delete, up to the first without a success. */
async function sendRemove(
  exchange: Exchange,
  { id, remove }: RemoveRequest,
  before: StoredProfile,
): Promise<RemoveSent> {
  const conversation = remove.send(id, before);
  let step = conversation.next();
  while (step.done !== true) {
    const delivery = await sendWithRetry(exchange, step.value, 'write', exchange.writeDeadlineAtMs);
    if (delivery.kind === 'not_sent') return { kind: 'refused', fault: delivery.fault };
    if (delivery.kind === 'no_response') return { kind: 'unanswered', fault: delivery.fault };
    const { mayRepeatWrite, response } = delivery;
    if (response.status === FOR_LATER) return { kind: 'unanswered', fault: queued(response) };
    step = conversation.next(response);
    if (step.done === true && !step.value.ok) {
      const { fault } = step.value;
      // What is refused now may be done already, which a read shows.
      const isRefused = fault.effect === 'none' && mayRepeatWrite !== true;
      return { kind: isRefused ? 'refused' : 'unanswered', fault };
    }
  }
  return step.value.ok ? { kind: 'deleted' } : { kind: 'refused', fault: step.value.fault };
}

/** Accepted (RFC 9110, 15.3.3): the vendor processes the request later, or never. */
const FOR_LATER = 202;

function queued({ status }: HttpResponse): Fault {
  const detail = 'The target accepted the delete for later.';
  return { code: 'target_invalid_response', detail, effect: 'queued', upstream: { status } };
}

/** Returns why the profile, as it is, is not to be deleted, as a fault. */
async function unmetBy(
  { precondition, remove }: RemoveRequest,
  profile: StoredProfile,
): Promise<Fault | undefined> {
  return (await precondition?.(profile)) ?? ruledOut(remove, profile);
}

/** Returns why the target would not delete the profile, as a fault. */
function ruledOut({ preflight }: RemoveOperation, before: StoredProfile): Fault | undefined {
  const reason = preflight?.(before);
  return reason === undefined ? undefined : ownFault('conflict', `${reason} Nothing was sent.`);
}

/**
 * Returns the outcome of a delete that the vendor has refused. Where its words do not say why, a
 * read shows if the profile has gone meanwhile; a refusal of values there are none of is a rule.
 */
async function refusedEnd(exchange: Exchange, id: string, fault: Fault): Promise<RemoveOutcome> {
  if (fault.code !== 'rejected_by_target') return notDeleted(fault);
  const seen = await readWithRetry(exchange, exchange.target.connection.read(id));
  if (!seen.ok && seen.fault.code === 'profile_not_found') return notDeleted(seen.fault);
  const detail = 'The target rejected the delete because of its own business rules.';
  return notDeleted({ ...fault, code: 'conflict', detail });
}

/** Clears the in-doubt mark: nothing that was sent can still be applied. */
function settled({ ports }: Exchange, lease: Lease, outcome: RemoveOutcome): RemoveOutcome {
  ports.state.clearInDoubt(lease);
  return outcome;
}

function notDeleted(fault: Fault): RemoveOutcome {
  return { outcome: 'rejected', fault };
}

function unknownEnd(reason: UnknownReason, cause: Fault | undefined): RemoveOutcome {
  return { outcome: 'unknown', fault: unknownFault(reason, cause), reason };
}
