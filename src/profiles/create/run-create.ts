import { type Fault, type Result, type StoredProfile, succeed } from '../../adapter-kit/index.ts';
import { CREATE_BOUNDS, RETRY_WAIT_MS } from '../../limits.ts';
import { writesRevokeTokens } from '../../upstream/authorize.ts';
import { readWithRetry } from '../../upstream/send-with-retry.ts';
import { leaseLost } from '../../upstream/target-fault.ts';
import type { CreateIntent } from '../../writes/create-intent.ts';
import { createValueHash } from '../../writes/value-hash.ts';
import { keyReused } from '../idempotency/answer-repeat.ts';
import type { PatchAnswer } from '../patch-answer.ts';
import { hashKeyOf } from '../write-record.ts';
import { type LinkEnd, linkCreated, withLink } from './close-create.ts';
import { createSettleMs } from './create-record.ts';
import type { CreateRun, EndedCreate } from './create-run.ts';
import { answerOfCreate, endCreate } from './end-create.ts';
import { judgeCreate, unknownCreate } from './judge-create.ts';
import { resolveOpen } from './resolve-open.ts';
import { sendCreate, showCreated } from './send-create.ts';

/** The intent of a create as it was last announced: one that was sent names what was there. */
type Announced = { intent: CreateIntent };

/** Makes a create under its lease; one whose end is not known is left open and searched for. */
export async function runCreate(run: CreateRun): Promise<PatchAnswer> {
  const beganMs = run.exchange.ports.monotonicMs();
  const announced: Announced = { intent: run.intent };
  let ended: EndedCreate | undefined;
  try {
    ended = await linkEnded(run, await attempt(run, announced));
  } finally {
    if (ended === undefined) leaveOpen(run, announced.intent);
  }
  const answer = await answerOfCreate(run, ended);
  if (ended.end.outcome !== 'unknown') return endCreate(run, ended, answer, beganMs);
  leaveOpen(run, ended.intent);
  return answer;
}

/** Leaves a create open: the state closes it, or a search that goes on here. */
function leaveOpen(run: CreateRun, intent: CreateIntent): void {
  const { lease } = run;
  const { state } = run.exchange.ports;
  state.markInDoubt(lease, createSettleMs(run.request.target));
  if (!state.leaveOpen(lease)) resolveOpen({ ...run, intent });
}

/** Sends a create, and finds out how it ended. */
async function attempt(run: CreateRun, announced: Announced): Promise<EndedCreate> {
  const { exchange, lease, planned, trace } = run;
  const { changes, operation } = planned;
  const { state } = exchange.ports;
  const untilMs = exchange.writeDeadlineAtMs;
  // What is there already cannot be what this create makes.
  const earlier =
    trace === undefined
      ? succeed([])
      : await readWithRetry(exchange, operation.find(trace), untilMs);
  if (!earlier.ok) return rejectedCreate(run, run.intent, earlier.fault);
  const intent = { ...run.intent, earlier: earlier.value.map(({ upstreamId }) => upstreamId) };
  const unfit = await announce(run, intent);
  if (unfit !== undefined) return rejectedCreate(run, run.intent, unfit);
  announced.intent = intent;
  exchange.lease = lease;
  const sent = await sendCreate(exchange, planned);
  if (sent.kind === 'created') {
    state.clearInDoubt(lease);
    const { applied, evidence, notApplied, profile, unconfirmed } = await showCreated(
      exchange,
      operation,
      changes,
      sent.profile,
    );
    if (notApplied.length === 0) {
      return { end: { outcome: 'applied', evidence, unconfirmed }, intent, profile };
    }
    const partial = { outcome: 'partial', code: 'partially_applied', evidence } as const;
    return { end: { ...partial, applied, notApplied, unconfirmed }, intent, profile };
  }
  if (sent.kind === 'refused' && !mayBeRepeat(run, sent.fault)) {
    state.clearInDoubt(lease);
    return rejectedCreate(run, intent, sent.fault);
  }
  return searchNow(run, intent, sent);
}

/**
 * Stores the intent of a create that is about to be sent, and under its key that its end is not
 * known: no replica sends another one for that key. Returns why it must not be sent.
 */
async function announce(
  { exchange, lease, request }: CreateRun,
  intent: CreateIntent,
): Promise<Fault | undefined> {
  const { state } = exchange.ports;
  const key = request.idempotency?.key;
  if (state.hashKey === undefined) return undefined;
  const text = JSON.stringify(intent);
  if (key === undefined || state.announce === undefined) {
    return (await state.amend?.(lease, text)) === false ? leaseLost() : undefined;
  }
  switch (await state.announce(lease, text, key)) {
    case 'announced':
      return undefined;
    case 'key_used':
      return keyReused();
    case 'fenced':
    case 'unavailable':
      return leaseLost();
  }
}

/** Reports whether a refusal may follow from the same request, delivered once before. */
function mayBeRepeat({ exchange, trace }: CreateRun, { code }: Fault): boolean {
  const isOfValues = code === 'conflict' || code === 'rejected_by_target';
  const isOfToken = code === 'target_unauthorized' && writesRevokeTokens(exchange.target);
  return exchange.writeSent && trace !== undefined && (isOfValues || isOfToken);
}

/** Searches once for a profile whose create got no usable answer. */
async function searchNow(
  run: CreateRun,
  intent: CreateIntent,
  { fault, kind }: { readonly kind: 'refused' | 'unanswered'; readonly fault: Fault },
): Promise<EndedCreate> {
  const { exchange, lease, planned, request, trace } = run;
  const { operation } = planned;
  const { digests, state } = exchange.ports;
  state.markInDoubt(lease, createSettleMs(request.target));
  let found = trace && (await readWithRetry(exchange, operation.find(trace)));
  const isConflict = kind === 'refused' && fault.code === 'conflict';
  // What has the name may be its own twin, which a list shows a little later.
  for (let tries = 1; isConflict && mayShowLater(run, found, tries); tries += 1) {
    await exchange.ports.sleep(CREATE_BOUNDS.searchMs);
    found = trace && (await readWithRetry(exchange, operation.find(trace)));
  }
  const hashOf = createValueHash(digests, hashKeyOf(state));
  const open = { intent, key: lease.key, writeId: lease.writeId, inDoubtMs: 0 };
  const { fields } = request.target;
  const judged = await judgeCreate(open, found, operation, fields, hashOf, state.creatorOf);
  if (judged?.profile !== undefined) {
    state.clearInDoubt(lease);
    return { ...judged, intent };
  }
  // What holds a name that is refused need not be shown: its name may have other letter case, or
  // the target's credential may not list it.
  if (kind === 'refused' && found?.ok === true) {
    state.clearInDoubt(lease);
    return rejectedCreate(run, intent, fault);
  }
  const seen = judged?.end.outcome === 'unknown' ? judged.end.reason : undefined;
  const reason = fault.effect === 'queued' ? 'queued' : (seen ?? 'unproven');
  return { end: unknownCreate(reason, intent), intent, fault };
}

/** Most searches for what holds a name that is refused. */
const CONFLICT_SEARCHES_MAX = 4;

/** Reports whether a search that shows nothing of a name is to be made again. */
function mayShowLater(
  { exchange }: CreateRun,
  found: Result<readonly StoredProfile[]> | undefined,
  tries: number,
): boolean {
  const isShown = found?.ok !== true || found.value.length > 0;
  if (isShown || tries >= CONFLICT_SEARCHES_MAX) return false;
  return exchange.ports.monotonicMs() + CREATE_BOUNDS.searchMs < exchange.writeDeadlineAtMs;
}

/** Links a profile that was created; the state may need more than one try. */
async function linkEnded(run: CreateRun, ended: EndedCreate): Promise<EndedCreate> {
  const { end, intent, profile } = ended;
  if (profile === undefined) return ended;
  const { ports } = run.exchange;
  let linked: LinkEnd = 'unavailable';
  for (let tries = 1; linked === 'unavailable' && tries <= CREATE_BOUNDS.links; tries += 1) {
    if (tries > 1) await ports.sleep(RETRY_WAIT_MS);
    linked = await linkCreated(ports, run.lease, intent, profile.upstreamId);
  }
  return { ...ended, end: withLink(end, linked, intent) };
}

function rejectedCreate(run: CreateRun, intent: CreateIntent, fault: Fault): EndedCreate {
  const { code } = fault;
  const end = { outcome: 'rejected', unconfirmed: [], notApplied: pointersOf(run), code } as const;
  return { end, intent, fault };
}

function pointersOf({ planned }: CreateRun): string[] {
  return planned.changes.map(({ pointer }) => pointer);
}
