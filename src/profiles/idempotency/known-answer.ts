import { FAULT_CODES, type Fault, optional, type StoredProfile } from '../../adapter-kit/index.ts';
import type { Exchange } from '../../upstream/exchange.ts';
import { UNKNOWN_REASONS, unknownFault } from '../../writes/outcome.ts';
import type { Loss } from '../../writes/plan.ts';
import { EVIDENCE } from '../../writes/write-state.ts';
import { isConditional } from '../conditions.ts';
import type { FailedWrite, PatchAnswer } from '../patch-answer.ts';
import type { PatchRequest } from '../patch-request.ts';
import { representation, tagged } from '../representation.ts';
import type { RecordedEnd } from '../write-record.ts';

/** The end of an earlier write, as far as it is known. */
export type KnownEnd = {
  readonly end: RecordedEnd;
  readonly losses: readonly Loss[];
  readonly atomic: boolean;
  /** The members that the write was to change. */
  readonly pointers: readonly string[];
  /** Time for which it may still be applied. */
  readonly leftMs: number;
};

/** Returns the answer to a write that is known to have succeeded; `profile` is as it is now. */
export async function successful(
  exchange: Exchange,
  { conditions, id, resolved }: PatchRequest,
  { atomic, end, losses }: KnownEnd,
  profile: StoredProfile | undefined,
): Promise<PatchAnswer> {
  const { ports, target } = exchange;
  const shown =
    profile === undefined
      ? {
          profile: JSON.stringify(representation(id, resolved.upstreamId, target, undefined)),
          etag: undefined,
        }
      : await tagged(id, target, profile, ports.digests);
  const write = {
    outcome: end.outcome === 'noop' ? end.outcome : 'applied',
    target: target.name,
    losses,
    unconfirmed: end.unconfirmed,
    atomic,
    lockScope: ports.state.lockScope,
    evidence: EVIDENCE.find((known) => known === end.evidence) ?? 'read_back',
    ...(isConditional(conditions) ? ({ precondition: 'emulated' } as const) : {}),
  } as const;
  return { ok: true, exchange, ...shown, write };
}

/** Returns the answer to a write that is known not to have succeeded, or of which nothing is. */
export function unsuccessful(exchange: Exchange, known: KnownEnd): PatchAnswer {
  const { applied = [], unconfirmed } = known.end;
  const end: FailedWrite = { applied, unconfirmed, refusals: [], ...failedEnd(known) };
  return { ok: false, exchange, end, losses: known.losses };
}

function failedEnd({ end, leftMs, pointers }: KnownEnd) {
  const { notApplied = [], sent = pointers } = end;
  if (end.outcome === 'rejected') {
    return { outcome: 'rejected', fault: rejection(end), notApplied: pointers } as const;
  }
  if (end.outcome === 'partial') {
    const detail = 'The target applied only a part of the patch.';
    const fault: Fault = { code: 'partially_applied', detail, effect: 'possible' };
    return { outcome: 'partial', fault, notApplied } as const;
  }
  const reason = REASON_NAMES.find((known) => known === end.reason) ?? 'read_back_failed';
  const fault: Fault = {
    ...unknownFault(reason),
    ...optional('retryAfterSeconds', leftMs > 0 ? Math.ceil(leftMs / 1000) : undefined),
  };
  return { outcome: 'unknown', fault, reason, notApplied, sent } as const;
}

/** Names of the reasons of an outcome that is unknown. */
export const REASON_NAMES = namesIn(UNKNOWN_REASONS);
const FAULT_NAMES = namesIn(FAULT_CODES);

/** Returns the fault of a write that was not applied; of an earlier problem only its code. */
function rejection({ code: written }: RecordedEnd): Fault {
  const code = FAULT_NAMES.find((known) => known === written);
  const detail =
    code === undefined
      ? 'The write was sent, and the profile shows that it was not applied.'
      : 'The write was rejected; the first response had the reason.';
  return { code: code ?? 'not_stored', detail, effect: 'none' };
}

function namesIn<K extends string>(record: Readonly<Record<K, unknown>>): K[] {
  return Object.keys(record).filter((key): key is K => Object.hasOwn(record, key));
}
