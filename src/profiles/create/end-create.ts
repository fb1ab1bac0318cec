import { optional } from '../../adapter-kit/index.ts';
import { answerFor } from '../idempotency/stored-answer.ts';
import { fenced, type PatchAnswer } from '../patch-answer.ts';
import { createAnswer } from './create-answer.ts';
import { createReceipt } from './create-record.ts';
import type { CreateRun, EndedCreate } from './create-run.ts';

/** Ends a create; returns its answer, another one where another replica has closed it. */
export async function endCreate(
  { exchange, lease, planned, request }: CreateRun,
  { end, intent, profile }: EndedCreate,
  answer: PatchAnswer,
  beganMs: number,
): Promise<PatchAnswer> {
  const { ports, steps } = exchange;
  const { idempotency: keyed } = request;
  const upstreamId = profile?.upstreamId;
  const receipt = createReceipt(intent, lease, { end, upstreamId, steps });
  const tookMs = ports.monotonicMs() - beganMs;
  const written = { exchange, planned, key: lease.key, intent: JSON.stringify(intent), tookMs };
  const named = { ...answer, writeId: lease.writeId };
  const kept = keyed && (await answerFor(keyed, named, written));
  const ending = { receipt, answer: kept, announcedKey: keyed?.key };
  const stored = ports.state.end(lease, ending);
  if (stored === undefined || (await stored) !== 'fenced') return answer;
  return { ...fenced(planned), exchange };
}

/** Returns the answer to a create that ended so. */
export async function answerOfCreate(
  { exchange, lease, links, planned, request }: CreateRun,
  { end, fault, profile }: EndedCreate,
): Promise<PatchAnswer> {
  const isLinked = request.id !== undefined && profile !== undefined && end.outcome === 'applied';
  const linkedId = isLinked ? await links.leadingId(profile.upstreamId) : undefined;
  const { changes, losses } = planned;
  const pointers = changes.map(({ pointer }) => pointer);
  const leftMs = end.outcome === 'unknown' ? exchange.ports.state.markLeftMs(lease) : 0;
  const options = { exchange, linkedId, losses, pointers, leftMs, fault };
  return createAnswer({ end, ...optional('profile', profile) }, options);
}
