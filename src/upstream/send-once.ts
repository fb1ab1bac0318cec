import {
  type Fault,
  fail,
  type HttpRequest,
  type HttpResponse,
  type Result,
  succeed,
} from '../adapter-kit/index.ts';
import { PERMIT_MARGIN_MS } from '../limits.ts';
import { isFailure, type TransportFailure } from '../ports.ts';
import type { Purpose } from '../telemetry/log.ts';
import type { Recorder, RequestResult } from './circuit-breaker.ts';
import type { Release } from './concurrency-limiter.ts';
import type { Delivery, Exchange } from './exchange.ts';
import { endStep, startStep } from './step-telemetry.ts';
import type { Target } from './target.ts';
import { circuitOpen, deadlinePassed, queueFull, transportFault } from './target-fault.ts';

/**
 * Sends a request once, with `authHeaders`: waits until the target's limits admit it, by `untilMs`,
 * and records what its end shows of the exchange and of the target.
 */
export async function sendOnce(
  exchange: Exchange,
  request: HttpRequest,
  purpose: Purpose,
  untilMs: number,
  authHeaders: HttpRequest['headers'],
): Promise<Delivery> {
  const { ports, target } = exchange;
  if (!target.connection.origins.includes(request.origin)) {
    throw new Error('an adapter asked for an origin outside its configuration');
  }
  const admission = await admit(exchange, untilMs);
  if (!admission.ok) return { kind: 'not_sent', fault: admission.fault };
  const { record, release, startMs, timeoutMs } = admission.value;

  const step = startStep(exchange, request, authHeaders, purpose, startMs);
  const response = await ports.send(step.request, timeoutMs, target.transport);
  const endMs = ports.now();

  const failed = isFailure(response);
  endStep(exchange, step, response, endMs);
  release();
  const result = failed ? failureResult(response, timeoutMs, target) : statusResult(response);
  reportBreakerState(exchange, record(result));
  if (purpose === 'write' && (!failed || response.sent)) exchange.writeSent = true;
  if (failed) {
    return { kind: response.sent ? 'no_response' : 'not_sent', fault: transportFault(response) };
  }
  exchange.lastAnswer = { date: response.headers.date, atMs: endMs };
  if (response.headers['x-gateway-sandbox'] !== undefined) exchange.sandbox = true;
  return { kind: 'answered', response };
}

/** A request that may be sent now; `release` and `record` are called once, when it has ended. */
type Admitted = {
  readonly startMs: number;
  readonly timeoutMs: number;
  readonly release: Release;
  readonly record: Recorder;
};

/**
 * Waits for a permit of the target's limiter and asks its circuit breaker. An exchange that has
 * written passes an open breaker and goes before all others: the outcome of a write matters more
 * than the load of a few reads.
 */
async function admit(exchange: Exchange, untilMs: number): Promise<Result<Admitted>> {
  const { ports, target, writeSent: isUrgent } = exchange;
  const waitMsMax = untilMs - ports.now();
  if (waitMsMax <= 0) return fail(deadlinePassed());
  const permitTtlMs = target.timeoutMs + PERMIT_MARGIN_MS;
  const release = await target.limiter.acquire({ waitMsMax, permitTtlMs, first: isUrgent });
  if (typeof release === 'string') return fail(queueFull());
  const startMs = ports.now();
  const timeoutMs = Math.min(target.timeoutMs, untilMs - startMs);
  if (timeoutMs <= 0) {
    release();
    return fail(deadlinePassed());
  }
  const { circuitBreaker } = target;
  const record = isUrgent ? circuitBreaker.acquireForced() : circuitBreaker.acquire();
  if (record === undefined) {
    release();
    return fail(circuitOpen(circuitBreaker.retryAfterMs()));
  }
  return succeed({ startMs, timeoutMs, release, record });
}

/** Returns why a request to `target` would be refused now, without a wait, or undefined. */
export function refuseNow({
  circuitBreaker,
  credentials,
  limiter,
  limits,
}: Target): Fault | undefined {
  const cooldown = credentials.cooldown();
  if (cooldown !== undefined) return cooldown;
  if (limiter.counts().waiting >= limits.maxQueuedRequests) return queueFull();
  const openMs = circuitBreaker.retryAfterMs();
  return openMs > 0 ? circuitOpen(openMs) : undefined;
}

/** Responses of 4xx count as success for the breaker. */
function statusResult({ status }: HttpResponse): RequestResult {
  return status >= 500 ? 'failed' : 'ok';
}

/** A timeout that the deadline of the exchange has cut short does not count for the breaker. */
function failureResult(
  { failure }: TransportFailure,
  timeoutMs: number,
  target: Target,
): RequestResult {
  if (failure === 'answer_too_large') return 'ignored';
  if (failure !== 'timeout') return 'failed';
  return timeoutMs >= target.timeoutMs / 2 ? 'failed' : 'ignored';
}

function reportBreakerState(
  { ports: { log, meter }, target: { name } }: Exchange,
  changed: ReturnType<Recorder>,
): void {
  if (changed === undefined) return;
  meter?.circuitBreaker(name, changed);
  const level = changed === 'closed' ? 'info' : 'warn';
  log({ level, event: 'breaker', target: name, message: changed });
}
