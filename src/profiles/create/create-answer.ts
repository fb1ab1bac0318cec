import { type Fault, optional } from '../../adapter-kit/index.ts';
import type { Exchange } from '../../upstream/exchange.ts';
import { unknownFault } from '../../writes/outcome.ts';
import type { Loss } from '../../writes/plan.ts';
import { EVIDENCE } from '../../writes/write-state.ts';
import { REASON_NAMES, unsuccessful } from '../idempotency/known-answer.ts';
import type { PatchAnswer } from '../patch-answer.ts';
import { tagged } from '../representation.ts';
import type { RecordedEnd } from '../write-record.ts';
import type { CreateEnd } from './judge-create.ts';

/** Parts of an answer to a create that do not follow from its end. */
export type CreateAnswerOptions = {
  readonly exchange: Exchange;
  /** The id that leads to the profile; undefined: it is called `target:upstreamId`. */
  readonly linkedId: string | undefined;
  readonly losses: readonly Loss[];
  readonly pointers: readonly string[];
  /** Time for which the profile may still appear. */
  readonly leftMs: number;
  /** Cause of an end that is no success. */
  readonly fault?: Fault | undefined;
};

/** Returns the answer to a create that ended so. */
export async function createAnswer(
  { end, profile }: CreateEnd,
  options: CreateAnswerOptions,
): Promise<PatchAnswer> {
  const { exchange, leftMs, linkedId, losses, pointers } = options;
  const { ports, target } = exchange;
  if (end.outcome === 'applied' && profile !== undefined) {
    const id = linkedId ?? directId(target, profile);
    const shown = await tagged(id, target, profile, ports.digests);
    const write = {
      outcome: 'applied',
      target: target.name,
      losses,
      unconfirmed: end.unconfirmed,
      atomic: true,
      lockScope: ports.state.lockScope,
      evidence: EVIDENCE.find((known) => known === end.evidence) ?? 'read_back',
    } as const;
    return { ok: true, exchange, ...shown, write, location: locationOf(id) };
  }
  const known = { end, losses, atomic: true, pointers, leftMs };
  const answer = unsuccessful(exchange, known);
  if (answer.ok) return answer;
  const { fault } = answer.end;
  const named = { ...fault, ...reasonAndFault(end, options.fault) };
  const location = profile && locationOf(linkedId ?? directId(target, profile));
  return { ...answer, end: { ...answer.end, fault: named }, ...optional('location', location) };
}

function directId({ name }: Exchange['target'], { upstreamId }: { upstreamId: string }): string {
  return `${name}:${upstreamId}`;
}

function locationOf(id: string): string {
  return `/profiles/${encodeURIComponent(id)}`;
}

/** Returns what more is known of an end than its receipt says. */
function reasonAndFault({ outcome, reason: written }: RecordedEnd, fault: Fault | undefined) {
  if (outcome === 'partial') {
    const detail = 'The target created the profile, but not all of the request holds.';
    return { code: 'partially_applied', detail, effect: 'possible' } as const;
  }
  if (fault === undefined) return undefined;
  if (outcome !== 'unknown') return fault;
  const reason = REASON_NAMES.find((known) => known === written) ?? 'read_back_failed';
  const { detail, upstream } = unknownFault(reason, fault);
  return { detail, ...optional('upstream', upstream) };
}
