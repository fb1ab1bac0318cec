import { type Fault, optional, ownFault } from '../adapter-kit/index.ts';
import type { Ports } from '../ports.ts';
import type { FollowedLink } from '../state/control/control-rows.ts';
import type { AnswerRow } from '../state/state-database.ts';
import type { Lease } from '../state/state-store.ts';
import { createWriteId } from '../state/write-id.ts';
import { type Exchange, withExchange } from '../upstream/exchange.ts';
import type { ExchangeResult } from '../upstream/target-health.ts';
import type { WriteOutcome } from '../writes/outcome.ts';
import { dropped, isAtomic, type Loss } from '../writes/plan.ts';
import { type Precondition, writeProfile } from '../writes/write-profile.ts';
import { notBegun, profileKeys } from './begin-write.ts';
import { isConditional, meets } from './conditions.ts';
import { answerRepeat } from './idempotency/answer-repeat.ts';
import { findEarlier } from './idempotency/find-earlier.ts';
import { answerFor } from './idempotency/stored-answer.ts';
import {
  type FailedWrite,
  fenced,
  type PatchAnswer,
  type Replay,
  refused,
  type WriteReport,
} from './patch-answer.ts';
import type { Gateway, KeyedRequest, PatchRequest } from './patch-request.ts';
import { type Planned, planFor } from './plan-patch.ts';
import { representation, tagged } from './representation.ts';
import {
  createWriteRecord,
  hashKeyOf,
  type RecordedEnd,
  type WriteRecord,
} from './write-record.ts';

/** Plans a patch and writes it under a lease of its profile; a repeat is answered as the first. */
export function patchProfile(
  gateway: Gateway,
  ports: Ports,
  request: PatchRequest,
): Promise<PatchAnswer | Replay> {
  const { endMs, idempotency: keyed, resolved } = request;
  const { target } = resolved;
  const writeId = createWriteId(ports);
  let refusal: PatchAnswer | undefined;
  const refuse = (fault: Fault): PatchAnswer => {
    refusal = { ...refused(request, fault), writeId };
    return refusal;
  };
  const counted = { purpose: 'write', refused: refuse, resultOf: writeResult } as const;
  const answering = withExchange<PatchAnswer | Replay>(
    { target, ports, endMs, ...counted },
    (exchange) => {
      const planned = planFor(gateway, request);
      if (!planned.ok) return refuse(planned.fault);
      return writeInTurn(gateway, exchange, writeId, request, planned.value);
    },
  );
  if (keyed === undefined) return answering;
  return answering.then(async (answer) => {
    if (answer !== refusal) return answer;
    const repeated = { gateway, ports, request, keyed, written: undefined };
    return (await findEarlier(repeated, writeId)) ?? answer;
  });
}

/** Begins a write, makes it, and ends it however it went. */
async function writeInTurn(
  gateway: Gateway,
  exchange: Exchange,
  writeId: string,
  request: PatchRequest,
  planned: Planned,
): Promise<PatchAnswer | Replay> {
  const { ports, writeDeadlineAtMs } = exchange;
  const { state } = ports;
  const { idempotency: keyed } = request;
  const record =
    state.hashKey === undefined && keyed === undefined
      ? undefined
      : await createWriteRecord(ports, hashKeyOf(state), request, planned.changes);
  const waitMsMax = Math.max(0, writeDeadlineAtMs - ports.monotonicMs());
  const link = followedLink(request);
  const beginning = state.begin({
    ...profileKeys(request.resolved),
    writeId,
    waitMsMax,
    intent: record?.intent,
    idempotency: keyed?.key,
    link,
  });
  const lease = beginning instanceof Promise ? await beginning : beginning;
  if (lease.kind === 'answered') {
    if (keyed === undefined) throw new Error('only a write with a key can repeat another');
    const written = record && { planned, record };
    const repeated = { gateway, ports, request, keyed, written };
    return answerRepeat(repeated, lease.answer, lease.leftMs);
  }
  if (lease.kind !== 'begun') {
    const answer = { ...refused(request, notBegun(lease), planned), writeId };
    return lease.kind === 'stale' ? { ...answer, isStale: true } : answer;
  }
  const beganMs = keyed === undefined ? 0 : ports.monotonicMs();
  let answer: PatchAnswer | undefined;
  try {
    answer = await writeLeased(exchange, lease, request, planned, record);
  } finally {
    const receipt = record?.receipt(lease, recordedEnd(answer), exchange.steps);
    const kept =
      record && keyed && (await keep(keyed, answer, { exchange, lease, planned, record, beganMs }));
    const ended = state.end(lease, { receipt, answer: kept });
    if (ended !== undefined && (await ended) === 'fenced') answer = fenced(planned);
  }
  return { ...answer, writeId };
}

/** Returns the link that a write follows, where others may change it meanwhile. */
export function followedLink({
  id,
  resolved: { linksVersion },
}: Pick<PatchRequest, 'id' | 'resolved'>): FollowedLink | undefined {
  return linksVersion === undefined ? undefined : { id, version: linksVersion };
}

type Keeping = {
  readonly exchange: Exchange;
  readonly lease: Lease;
  readonly planned: Planned;
  readonly record: WriteRecord;
  readonly beganMs: number;
};

/** Returns the answer that repeats get; see `answerFor`. */
function keep(
  keyed: KeyedRequest,
  answer: PatchAnswer | undefined,
  { beganMs, exchange, lease: { key, writeId }, planned, record }: Keeping,
): Promise<AnswerRow | undefined> {
  const tookMs = exchange.ports.monotonicMs() - beganMs;
  const named = answer && { ...answer, writeId };
  return answerFor(keyed, named, { exchange, planned, key, intent: record.current(), tookMs });
}

function writeResult(answer: PatchAnswer | Replay): ExchangeResult | undefined {
  if ('replay' in answer) return undefined;
  if (answer.ok) return { outcome: answer.write.outcome, code: undefined };
  if (answer.exchange === undefined) return undefined;
  const { fault, outcome } = answer.end;
  return { outcome, code: fault.code, upstream: fault.upstream };
}

/** Writes a profile under its lease. */
async function writeLeased(
  exchange: Exchange,
  lease: Lease,
  request: PatchRequest,
  planned: Planned,
  record: WriteRecord | undefined,
): Promise<PatchAnswer> {
  const { ports, target } = exchange;
  const { upstreamId: id } = request.resolved;
  const guard = createGuard(request, ports);
  const lenient = request.preferences.handling === 'lenient';
  const { changes } = planned;
  const { amend } = ports.state;
  const onRead =
    record === undefined
      ? undefined
      : async (...read: Parameters<WriteRecord['afterRead']>) => {
          const intent = await record.afterRead(...read);
          return amend === undefined || amend(lease, intent);
        };
  const asked = { id, changes, lenient, precondition: guard?.precondition, onRead };
  const end = await writeProfile(exchange, asked, lease);
  if ('fault' in end) {
    const answer = failed(exchange, lease, end, lossesOf(planned, end));
    return { ...answer, ...optional('etag', guard?.tag()) };
  }
  const write = reportOf(exchange, guard !== undefined, planned, end);
  if (end.profile === undefined) {
    const profile = JSON.stringify(representation(request.id, id, target, undefined));
    return { ok: true, exchange, profile, etag: undefined, write };
  }
  const tagging = tagged(request.id, target, end.profile, ports.digests);
  const shown = tagging instanceof Promise ? await tagging : tagging;
  return { ok: true, exchange, ...shown, write };
}

/** Returns the end of a write for its receipt; one that threw may have been applied. */
function recordedEnd(answer: PatchAnswer | undefined): RecordedEnd {
  if (answer === undefined)
    return { outcome: 'unknown', reason: 'read_back_failed', unconfirmed: [] };
  if (answer.ok) {
    const { evidence, outcome, unconfirmed } = answer.write;
    return { outcome, evidence, unconfirmed };
  }
  const { applied, fault, notApplied, outcome, reason, sent, unconfirmed } = answer.end;
  return {
    outcome,
    code: fault.code,
    applied,
    notApplied,
    unconfirmed,
    ...optional('sent', sent),
    ...optional('reason', reason),
  };
}

type Guard = {
  readonly precondition: Precondition;
  /** Tag of the profile that the precondition was evaluated on last. */
  readonly tag: () => string | undefined;
};

/** Creates the check of the conditions; undefined where the request has none. */
export function createGuard(
  { conditions, id, resolved: { target } }: Pick<PatchRequest, 'conditions' | 'id' | 'resolved'>,
  { digests }: Ports,
): Guard | undefined {
  if (!isConditional(conditions)) return undefined;
  let tag: string | undefined;
  return {
    precondition: async (current) => {
      tag = (await tagged(id, target, current, digests)).etag;
      return meets(conditions, tag) ? undefined : preconditionFailed();
    },
    tag: () => tag,
  };
}

/** Adds to an unknown outcome for how long the profile stays in doubt. */
function failed(
  exchange: Exchange,
  lease: Lease,
  end: FailedWrite,
  losses: readonly Loss[],
): PatchAnswer {
  const leftMs = end.outcome === 'unknown' ? exchange.ports.state.markLeftMs(lease) : 0;
  if (leftMs <= 0) return { ok: false, exchange, end, losses };
  const fault = { ...end.fault, retryAfterSeconds: Math.ceil(leftMs / 1000) };
  return { ok: false, exchange, end: { ...end, fault }, losses };
}

/** Losses of the plan, and of a comparison with the profile as it was. */
function lossesOf({ losses }: Planned, { refusals }: WriteOutcome): readonly Loss[] {
  return refusals.length === 0 ? losses : [...losses, ...dropped(refusals)];
}

function reportOf(
  { ports, target }: Exchange,
  isGuarded: boolean,
  planned: Planned,
  end: Exclude<WriteOutcome, { fault: Fault }>,
): WriteReport {
  const report: WriteReport = {
    outcome: end.outcome,
    target: target.name,
    losses: lossesOf(planned, end),
    unconfirmed: end.unconfirmed,
    atomic: isAtomic(planned.changes),
    lockScope: ports.state.lockScope,
    evidence: end.evidence,
  };
  return isGuarded ? { ...report, precondition: 'emulated' } : report;
}

function preconditionFailed(): Fault {
  return ownFault(
    'precondition_failed',
    'The profile does not meet the condition of the request; nothing was sent.',
  );
}
