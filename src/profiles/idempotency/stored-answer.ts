import * as z from 'zod/mini';
import { type FaultCode, lazily, parsePlain, type SchemaValue } from '../../adapter-kit/index.ts';
import { SEALED_ANSWER_BYTES_MAX } from '../../limits.ts';
import type { AnswerRow, StoredReceipt } from '../../state/state-database.ts';
import type { Exchange } from '../../upstream/exchange.ts';
import { isAtomic } from '../../writes/plan.ts';
import type { PatchAnswer } from '../patch-answer.ts';
import type { KeyedRequest } from '../patch-request.ts';
import type { Planned } from '../plan-patch.ts';

const memberText = lazily(() => z.string());

/** Means to find out later how a write ended. */
const unsettledSchema = lazily(() =>
  z.object({
    /** The key of the profile. */
    key: memberText(),
    /** The intent of the write, as JSON. */
    intent: memberText(),
    /** Time from its begin to its answer. */
    tookMs: z.number(),
    losses: z.array(
      z.object({
        pointer: memberText(),
        kind: z.enum(['dropped', 'coerced']),
        reason: memberText(),
      }),
    ),
    atomic: z.boolean(),
  }),
);
export type Unsettled = Readonly<SchemaValue<typeof unsettledSchema>>;

/** An answer as it is sealed. */
const keptSchema = lazily(() =>
  z.object({
    form: z.literal(1),
    status: z.number(),
    headers: z.record(memberText(), memberText()),
    body: memberText(),
    outcome: z.enum(['applied', 'noop', 'rejected', 'partial', 'unknown']),
    code: z.optional(memberText()),
    unsettled: z.optional(unsettledSchema()),
  }),
);
export type OpenedAnswer = Readonly<SchemaValue<typeof keptSchema>>;

/** Opens a sealed answer; undefined where nobody can, or another version has sealed it. */
export async function openAnswer(
  { sealer }: KeyedRequest,
  sealed: string,
): Promise<OpenedAnswer | undefined> {
  const text = sealed === '' ? undefined : await sealer.open(sealed);
  const read = keptSchema().safeParse(text === undefined ? undefined : parsePlain(text));
  return read.success ? read.data : undefined;
}

/** The end of a write, as far as its answer depends on it. */
export type EndedWrite = {
  readonly exchange: Exchange;
  readonly planned: Planned;
  readonly key: string;
  /** The intent of the write, as JSON. */
  readonly intent: string;
  readonly tookMs: number;
};

/**
 * Returns the answer that repeats get; undefined where nothing was sent, so that a repeat is run.
 * `answer` is undefined for a write that threw: it may have been applied.
 */
export async function answerFor(
  keyed: KeyedRequest,
  answer: PatchAnswer | undefined,
  { exchange, intent, key, planned, tookMs }: EndedWrite,
): Promise<AnswerRow | undefined> {
  if (answer === undefined) return { ...keyed.key, outcome: 'unknown', sealed: '' };
  const outcome = answer.ok ? answer.write.outcome : answer.end.outcome;
  if (outcome === 'rejected' && (!exchange.writeSent || mayPass(answer))) return undefined;
  const { losses } = answer.ok ? answer.write : answer;
  const atomic = isAtomic(planned.changes);
  const unsettled =
    outcome === 'unknown' ? { key, intent, tookMs, losses: [...losses], atomic } : undefined;
  return { ...keyed.key, outcome, sealed: await sealAnswer(keyed, answer, exchange, unsettled) };
}

/** Reports whether a write was rejected for a reason that passes: a repeat then runs. */
function mayPass(answer: PatchAnswer): boolean {
  return !answer.ok && PASSING.has(answer.end.fault.code);
}

const PASSING: ReadonlySet<FaultCode> = new Set<FaultCode>([
  'target_rate_limited',
  'target_unauthorized',
  'target_unavailable',
  'target_timeout',
  'state_unavailable',
]);

/**
 * Seals an answer, without its profile where it is too large; empty where it still is, or where it
 * cannot be sealed: the end of a write is stored nevertheless.
 */
export async function sealAnswer(
  { render, sealer }: KeyedRequest,
  answer: PatchAnswer,
  { target }: Exchange,
  unsettled?: Unsettled,
): Promise<string> {
  for (const isShort of [false, true]) {
    const kept: OpenedAnswer = { form: 1, ...render(answer, target.name, isShort), unsettled };
    const sealed = await sealer.seal(JSON.stringify(kept)).catch(() => undefined);
    if (sealed !== undefined && sealed.length <= SEALED_ANSWER_BYTES_MAX) return sealed;
  }
  return '';
}

const pointersSchema = lazily(() => z.exactOptional(z.array(memberText())));

/** The part of a receipt that an answer may be made of. */
const rememberedReceiptSchema = lazily(() =>
  z.object({
    upstreamId: z.exactOptional(memberText()),
    code: z.exactOptional(memberText()),
    evidence: z.exactOptional(memberText()),
    reason: z.exactOptional(memberText()),
    before: z.exactOptional(memberText()),
    hashKeyId: z.exactOptional(memberText()),
    applied: pointersSchema(),
    notApplied: pointersSchema(),
    unconfirmed: pointersSchema(),
    sent: pointersSchema(),
  }),
);
export type ReceiptDetails = Readonly<SchemaValue<typeof rememberedReceiptSchema>>;

/** Reads the details of a receipt; none where there is none, or another version has written it. */
export function receiptDetails(receipt: StoredReceipt | undefined): ReceiptDetails {
  const read = rememberedReceiptSchema().safeParse(parsePlain(receipt?.body ?? ''));
  return read.success ? read.data : {};
}
