import type {
  Change,
  CreateOperation,
  Fault,
  Result,
  StoredProfile,
} from '../../adapter-kit/index.ts';
import type { Exchange } from '../../upstream/exchange.ts';
import { readWithRetry, sendWithRetry } from '../../upstream/send-with-retry.ts';
import { confirm } from '../../writes/compare.ts';
import { ACCEPTED } from '../../writes/send-writes.ts';
import type { Evidence } from '../../writes/write-state.ts';
import type { PlannedCreate } from './plan-create.ts';

/** End of the one request that creates a profile. */
export type SentCreate =
  /** Nothing was created, unless the target had got the request before as well. */
  | { readonly kind: 'refused'; readonly fault: Fault }
  | { readonly kind: 'created'; readonly profile: StoredProfile }
  /** The profile may have been created, or may still be. */
  | { readonly kind: 'unanswered'; readonly fault: Fault };

/** Sends a create, once. */
export async function sendCreate(
  exchange: Exchange,
  { changes, operation }: Pick<PlannedCreate, 'changes' | 'operation'>,
): Promise<SentCreate> {
  const conversation = operation.send(changes);
  const first = conversation.next();
  if (first.done === true) {
    if (first.value.ok) throw new Error('a create ended before its request');
    return { kind: 'refused', fault: first.value.fault };
  }
  const until = exchange.writeDeadlineAtMs;
  const delivery = await sendWithRetry(exchange, first.value, 'write', until);
  if (delivery.kind === 'not_sent') return { kind: 'refused', fault: delivery.fault };
  if (delivery.kind === 'no_response') return { kind: 'unanswered', fault: delivery.fault };
  const { response } = delivery;
  if (response.status === ACCEPTED) {
    return unshown('The target accepted the create for later.', ACCEPTED, 'queued');
  }
  const last = conversation.next(response);
  if (last.done !== true) throw new Error('a create is one request');
  const { value: result } = last;
  if (result.ok) {
    return result.value === undefined
      ? unshown('The target shows nothing of the new profile.', response.status, 'possible')
      : { kind: 'created', profile: result.value };
  }
  // What is refused now may be there already, which a search shows.
  const isRefused = result.fault.effect === 'none' && delivery.mayRepeatWrite !== true;
  return { kind: isRefused ? 'refused' : 'unanswered', fault: result.fault };
}

function unshown(detail: string, status: number, effect: Fault['effect']): SentCreate {
  const fault: Fault = { code: 'target_invalid_response', detail, effect, upstream: { status } };
  return { kind: 'unanswered', fault };
}

/** A new profile, and what of the request it shows. */
export type ShownCreate = {
  readonly profile: StoredProfile;
  readonly evidence: Evidence;
  readonly applied: readonly string[];
  readonly notApplied: readonly string[];
  readonly unconfirmed: readonly string[];
};

/** Compares a new profile with the request, and reads it once where the response contradicts it. */
export async function showCreated(
  exchange: Exchange,
  { isReadAfter = false }: CreateOperation,
  changes: readonly Change[],
  profile: StoredProfile,
): Promise<ShownCreate> {
  const shown = compared(changes, profile, 'response');
  if (shown.notApplied.length === 0 && !isReadAfter) return shown;
  const { connection } = exchange.target;
  const read: Result<StoredProfile> = await readWithRetry(
    exchange,
    connection.read(profile.upstreamId),
  );
  return read.ok ? compared(changes, read.value, 'read') : shown;
}

function compared(
  changes: readonly Change[],
  profile: StoredProfile,
  evidence: Evidence,
): ShownCreate {
  const of = (wanted: ReturnType<typeof confirm>): string[] =>
    changes
      .filter((change) => confirm(change, profile.content, {}) === wanted)
      .map(({ pointer }) => pointer);
  return {
    profile,
    evidence,
    applied: of('confirmed'),
    notApplied: of('contradicted'),
    unconfirmed: of('unconfirmed'),
  };
}
