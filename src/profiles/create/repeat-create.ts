import { mayUse } from '../../auth/permissions.ts';
import { CREATE_BOUNDS } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import type { StoredAnswer } from '../../state/state-database.ts';
import { startExchange } from '../../upstream/exchange.ts';
import { refuseByMode, type Target } from '../../upstream/target.ts';
import { notBegun } from '../begin-write.ts';
import { keyReused } from '../idempotency/answer-repeat.ts';
import { openAnswer, receiptDetails, sealAnswer } from '../idempotency/stored-answer.ts';
import { type PatchAnswer, type Replay, refused } from '../patch-answer.ts';
import type { Gateway, KeyedRequest } from '../patch-request.ts';
import { readNow } from '../reach-profile.ts';
import type { RecordedEnd } from '../write-record.ts';
import { createAnswer } from './create-answer.ts';
import { createKeys } from './create-record.ts';
import type { CreateRequest } from './create-request.ts';
import type { CreateLinks } from './create-run.ts';
import { planForCreate } from './plan-create.ts';

/** A create whose key has an answer already. */
export type RepeatedCreate = {
  readonly gateway: Gateway;
  readonly ports: Ports;
  readonly request: CreateRequest;
  readonly keyed: KeyedRequest;
  readonly links: CreateLinks;
};

/** Answers a repeat of a create: as the first was answered, or else by its receipt. */
export async function answerCreateRepeat(
  { gateway, keyed, links, ports, request }: RepeatedCreate,
  stored: StoredAnswer,
  leftMs: number,
): Promise<PatchAnswer | Replay> {
  const { outcome: written, writeId } = stored;
  if (stored.fingerprint !== keyed.key.fingerprint) return refused({ patch: request }, keyReused());
  const kept = await openAnswer(keyed, stored.sealed);
  if (kept !== undefined) return { writeId, replay: kept };
  const receipt = await ports.state.receipt?.(writeId);
  if (receipt === 'unavailable') return refused({ patch: request }, notBegun({ kind: receipt }));
  const { before: _, hashKeyId: __, upstreamId, ...details } = receiptDetails(receipt);
  const target = readableTarget(gateway, request, receipt?.target ?? request.target.name);
  const exchange = startExchange(target ?? request.target, ports, request.endMs);
  // A key that was taken before the create was sent may lack its end, which the receipt has.
  const ended = stored.sealed === '' && receipt !== undefined ? receipt.outcome : written;
  const outcome = KNOWN_CREATE_ENDS.find((known) => known === ended) ?? 'unknown';
  const end: RecordedEnd = { ...details, unconfirmed: details.unconfirmed ?? [], outcome };
  const read = upstreamId && target && (await readNow(exchange, upstreamId));
  const named = upstreamId === undefined ? undefined : { upstreamId, content: {} };
  const profile = read || named;
  const isLinked = request.id !== undefined && outcome === 'applied' && upstreamId !== undefined;
  const answer = await createAnswer(profile === undefined ? { end } : { end, profile }, {
    exchange,
    linkedId: isLinked ? await links.leadingId(upstreamId) : undefined,
    losses: [],
    pointers: request.entries.map(({ pointer }) => pointer),
    leftMs,
  });
  // The tag is that of what was read.
  const shown = { writeId, ...(answer.ok && !read ? { ...answer, etag: undefined } : answer) };
  if (outcome !== 'unknown') {
    const sealed = await sealAnswer(keyed, shown, exchange);
    await ports.state.replaceAnswer({ ...keyed.key, writeId, outcome, sealed });
  }
  return { writeId, exchange, replay: keyed.render(shown, exchange.target.name, false) };
}

const KNOWN_CREATE_ENDS = ['applied', 'rejected', 'partial'] as const;

/** Finds the target that the profile can be read from for this caller now. */
function readableTarget({ targets }: Gateway, { caller }: CreateRequest, name: string) {
  const target: Target | undefined = targets.get(name);
  if (target === undefined || !mayUse(caller, name)) return undefined;
  return refuseByMode(target, 'read') === undefined ? target : undefined;
}

/**
 * Looks for the answer to a create that is refused now, such as one at a target that has become
 * read-only: what became of its first sending must not be hidden by that.
 */
export async function findEarlierCreate(
  repeated: RepeatedCreate,
  writeId: string,
): Promise<PatchAnswer | Replay | undefined> {
  const { gateway, keyed, ports, request } = repeated;
  const planned = planForCreate(gateway, request);
  const changes = planned.ok ? planned.value.changes : [];
  const trace = planned.ok ? planned.value.operation.traceOf(changes) : undefined;
  const { keyHash } = keyed.key;
  const keys = await createKeys(ports, request.target, { changes, keyHash, trace });
  // A request before this one may still give the name back.
  const waitMsMax = CREATE_BOUNDS.searchMs;
  const begun = await ports.state.begin({ ...keys, writeId, waitMsMax, idempotency: keyed.key });
  switch (begun.kind) {
    case 'begun':
      await ports.state.end(begun);
      return undefined;
    case 'answered':
      return answerCreateRepeat(repeated, begun.answer, begun.leftMs);
    case 'in_progress':
    case 'keys_lost':
    case 'unavailable':
      return { ...refused({ patch: request }, notBegun(begun)), writeId };
    case 'busy':
    case 'in_doubt':
    case 'stale':
      return undefined;
  }
}
