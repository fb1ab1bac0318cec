import {
  type Fault,
  fail,
  type HttpResponse,
  type MaybePromise,
  ownFault,
  type Result,
  succeed,
} from '../adapter-kit/index.ts';
import { PERMIT_MARGIN_MS } from '../limits.ts';
import { isFailure, type Ports, type TransportFailure } from '../ports.ts';
import type { BreakerState } from '../telemetry/metrics.ts';
import type { Recorder, RequestResult } from './circuit-breaker.ts';
import type { Release } from './concurrency-limiter.ts';
import type { Exchange } from './exchange.ts';
import type { Target } from './target.ts';

/** Leave to send one request, from `atMs` on; `releasePermit` records how it ended, once. */
export type Permit = {
  readonly atMs: number;
  readonly timeoutMs: number;
  readonly release: Release;
  readonly record: Recorder;
};

/**
 * Waits until the target may be sent one more request, by `untilMs`; a promise comes only where
 * there is a wait. What is refused was not sent. An exchange that has written goes on through an
 * open breaker and before all others: what became of a write matters more than the load of a few
 * reads.
 */
export function acquirePermit(exchange: Exchange, untilMs: number): MaybePromise<Result<Permit>> {
  const { ports, target, writeSent: isUrgent } = exchange;
  const nowMs = ports.now();
  const waitMsMax = untilMs - nowMs;
  if (waitMsMax <= 0) return fail(outOfTime());
  const permitTtlMs = target.timeoutMs + PERMIT_MARGIN_MS;
  const taken = target.limiter.acquire({ waitMsMax, permitTtlMs, first: isUrgent });
  if (!(taken instanceof Promise)) return passBreaker(exchange, untilMs, taken, nowMs);
  return taken.then((release) => passBreaker(exchange, untilMs, release, ports.now()));
}

function passBreaker(
  { target, writeSent: isUrgent }: Exchange,
  untilMs: number,
  release: Release | 'full' | 'late',
  atMs: number,
): Result<Permit> {
  if (typeof release === 'string') return fail(queueFull());
  const { circuitBreaker } = target;
  const timeoutMs = Math.min(target.timeoutMs, untilMs - atMs);
  const record =
    timeoutMs <= 0
      ? undefined
      : isUrgent
        ? circuitBreaker.acquireForced()
        : circuitBreaker.acquire();
  if (record !== undefined) return succeed({ atMs, timeoutMs, release, record });
  release();
  return fail(timeoutMs <= 0 ? outOfTime() : breakerOpen(target));
}

/** Releases a permit, and records how its request ended. */
export function releasePermit(
  { ports, target }: Exchange,
  { record, timeoutMs, release }: Permit,
  answer: HttpResponse | TransportFailure,
): void {
  release();
  const changed = record(resultOf(answer, timeoutMs, target));
  if (changed !== undefined) reportBreakerState(ports, target, changed);
}

/** Reports whether nothing would be sent now, however often it were tried. */
export function isBreakerOpen({ target, writeSent }: Exchange): boolean {
  return !writeSent && target.circuitBreaker.retryAfterMs() > 0;
}

/** A refusal is an answer; a wait that our own deadline cut short says nothing of the target. */
function resultOf(
  answer: HttpResponse | TransportFailure,
  timeoutMs: number,
  target: Target,
): RequestResult {
  if (!isFailure(answer)) return answer.status >= 500 ? 'failed' : 'ok';
  switch (answer.failure) {
    case 'connect':
    case 'reset':
      return 'failed';
    case 'timeout':
      return timeoutMs >= target.timeoutMs / 2 ? 'failed' : 'ignored';
    case 'answer_too_large':
      return 'ignored';
  }
}

function reportBreakerState({ log, meter }: Ports, { name }: Target, state: BreakerState): void {
  meter?.circuitBreaker(name, state);
  const level = state === 'closed' ? 'info' : 'warn';
  log({ level, event: 'breaker', target: name, message: state });
}

function breakerOpen({ circuitBreaker }: Target): Fault {
  const detail = 'The target failed too often and its circuit breaker is open; nothing was sent.';
  const retryAfterSeconds = Math.max(1, Math.ceil(circuitBreaker.retryAfterMs() / 1000));
  return ownFault('target_unavailable', detail, { retryAfterSeconds });
}

function queueFull(): Fault {
  const detail = 'Too many requests are queued for the target; nothing was sent.';
  return ownFault('overloaded', detail, { retryAfterSeconds: 1 });
}

function outOfTime(): Fault {
  return ownFault(
    'target_timeout',
    'The deadline passed before a request could be sent to the target.',
  );
}
