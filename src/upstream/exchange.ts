import type { Fault, HttpResponse, MaybePromise, Token } from '../adapter-kit/index.ts';
import { READ_BACK_RESERVE_MS } from '../limits.ts';
import type { Ports } from '../ports.ts';
import type { Lease } from '../state/state-store.ts';
import type { StepRecord } from '../telemetry/log.ts';
import { cleanUpstream, type TextRedactor } from '../telemetry/redactor.ts';
import { refuseByMode, type Target } from './target.ts';
import type { ExchangeResult } from './target-health.ts';
import type { TargetLimits } from './target-limits.ts';

/** State of one patch or read while it talks to its target. */
export type Exchange = {
  readonly target: Target;
  readonly ports: Ports;
  /** When the caller must have an answer, by the monotonic clock, as for all deadlines. */
  readonly deadlineAtMs: number;
  /** When the last write must have a response: the time after it is kept for reading back. */
  readonly writeDeadlineAtMs: number;
  readonly steps: StepRecord[];
  /** Tokens that its requests were sent with; each of them acquires a bounded number. */
  readonly sentTokens: Set<string>;
  /** Hides the secrets of the target, and its own tokens however late a response quotes one. */
  readonly redactor: TextRedactor;
  /** Fresh tokens after a 401 in this exchange. */
  tokenRefreshes: number;
  /** A token that no other exchange sends, so that no other's write can revoke it. */
  ownToken: Token | undefined;
  /** The lease that writes are sent under, each of which marks the profile in doubt. */
  lease: Lease | undefined;
  /** True once a byte of a write may have left. */
  writeSent: boolean;
  /** True once a sandbox responded, which the response to the caller then states. */
  sandbox: boolean;
  /** The vendor's own clock in its last response, and when that came by the monotonic one. */
  lastAnswer: { readonly date: string | undefined; readonly atMs: number } | undefined;
};

type ExchangeOptions<T> = {
  readonly target: Target;
  readonly ports: Ports;
  readonly purpose: 'read' | 'write';
  /** When the caller must have a response, whatever the target. */
  readonly endMs: number;
  /** Returns the value where the mode of the target rules the exchange out. */
  readonly refused: (fault: Fault) => T;
  /** Returns how the exchange ended, for the target's health; undefined where nothing was sent. */
  readonly resultOf: (value: T) => ExchangeResult | undefined;
};

/**
 * Runs `task` in an exchange with a target, unless the target's mode rules it out: in flight for
 * the target's health until it ends, and then counted with its result.
 */
export async function withExchange<T>(
  { endMs, ports, purpose, refused, resultOf, target }: ExchangeOptions<T>,
  task: (exchange: Exchange) => MaybePromise<T>,
): Promise<T> {
  const fault = refuseByMode(target, purpose);
  if (fault !== undefined) return refused(fault);
  const { health } = target;
  let result: ExchangeResult | undefined;
  health.started(purpose);
  try {
    const exchange = startExchange(target, ports, endMs);
    const value = await task(exchange);
    result = cleanResult(resultOf(value), exchange);
    return value;
  } finally {
    health.finished(purpose, result);
  }
}

/** Hides secrets in what the vendor said. */
function cleanResult(
  result: ExchangeResult | undefined,
  { redactor }: Exchange,
): ExchangeResult | undefined {
  if (result?.upstream === undefined) return result;
  return { ...result, upstream: cleanUpstream(result.upstream, redactor) };
}

/** Starts an exchange that is not counted, for a caller who must have a response by `endMs`. */
export function startExchange(target: Target, ports: Ports, endMs: number): Exchange {
  const sentTokens = new Set<string>();
  return {
    target,
    ports,
    deadlineAtMs: deadlineAtMs(target, ports, endMs),
    writeDeadlineAtMs: writeDeadlineAtMs(target, ports, endMs),
    steps: [],
    sentTokens,
    redactor: { text: (text) => target.redactor.text(text, sentTokens) },
    tokenRefreshes: 0,
    ownToken: undefined,
    lease: undefined,
    writeSent: false,
    sandbox: false,
    lastAnswer: undefined,
  };
}

/** Returns when a target must have served a caller who waits until `endMs` for any target. */
function deadlineAtMs({ limits }: Target, ports: Ports, endMs: number): number {
  return endMs - Math.max(0, ports.deadlineMs - limits.deadlineMs);
}

/** Returns when the last write to a target must have a response. */
export function writeDeadlineAtMs(target: Target, ports: Ports, endMs: number): number {
  return deadlineAtMs(target, ports, endMs) - readBackReserveMs(target.limits);
}

/** Most of a deadline that is kept for reading back. */
const RESERVE_SHARE_MAX = 1 / 3;

/** Returns how much of a target's deadline is kept for reading back a write without a response. */
export function readBackReserveMs({ deadlineMs }: TargetLimits): number {
  return Math.min(READ_BACK_RESERVE_MS, deadlineMs * RESERVE_SHARE_MAX);
}

/** End of a request: answered, surely never sent, or sent and left without a response. */
export type Delivery =
  | {
      readonly kind: 'answered';
      readonly response: HttpResponse;
      /**
       * The request was sent before with a token that a write may have revoked: this very request,
       * where something between has delivered it twice.
       */
      readonly mayRepeatWrite?: true;
    }
  | { readonly kind: 'not_sent'; readonly fault: Fault }
  | { readonly kind: 'no_response'; readonly fault: Fault };
