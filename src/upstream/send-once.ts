import type { Fault, HttpRequest, HttpResponse } from '../adapter-kit/index.ts';
import { PERMIT_MARGIN_MS } from '../limits.ts';
import type { TransportFailure } from '../ports.ts';
import type { Purpose } from '../telemetry/log.ts';
import type { Recorder, RequestResult } from './circuit-breaker.ts';
import type { Delivery, Exchange } from './exchange.ts';
import { endStep, startStep } from './step-telemetry.ts';
import type { Target } from './target.ts';
import { circuitOpen, deadlinePassed, queueFull, transportFault } from './target-fault.ts';

/**
 * Sends a request once, with `authHeaders`: waits until the target's limits admit it, by `untilMs`,
 * and records what its end shows of the exchange and of the target. An exchange that has written
 * passes an open breaker and goes before all others: the outcome of a write matters more than the
 * load of a few reads.
 */
export async function sendOnce(
  exchange: Exchange,
  request: HttpRequest,
  purpose: Purpose,
  untilMs: number,
  authHeaders: HttpRequest['headers'],
): Promise<Delivery> {
  const { lease, ports, target, writeSent: isUrgent } = exchange;
  if (!target.connection.origins.includes(request.origin)) {
    throw new Error('an adapter asked for an origin outside its configuration');
  }

  const askedMs = ports.monotonicMs();
  const waitMsMax = untilMs - askedMs;
  if (waitMsMax <= 0) return notSent(deadlinePassed());
  const permitTtlMs = target.timeoutMs + PERMIT_MARGIN_MS;
  const acquiring = target.limiter.acquire({ waitMsMax, permitTtlMs, first: isUrgent });
  const waits = acquiring instanceof Promise;
  const release = waits ? await acquiring : acquiring;
  if (typeof release === 'string') return notSent(queueFull());
  const startMs = waits ? ports.monotonicMs() : askedMs;
  const timeoutMs = Math.min(target.timeoutMs, untilMs - startMs);
  const record = passBreaker(target, timeoutMs, isUrgent);
  if (typeof record !== 'function') {
    release();
    return notSent(record);
  }

  const step = startStep(exchange, request, authHeaders, purpose, startMs);
  const written = purpose === 'write' ? lease : undefined;
  if (written !== undefined) ports.state.markInDoubt(written, target.settleMs);
  const { mayStillSend } = ports.state;
  const guard = written && mayStillSend && (() => mayStillSend(written));
  const response = await ports.send(step.request, timeoutMs, target.transport, guard);
  const endMs = ports.monotonicMs();

  endStep(exchange, step, response, endMs);
  release();
  reportBreakerState(exchange, record(breakerResult(response, timeoutMs, target)));
  const failed = 'failure' in response;
  if (purpose === 'write' && (!failed || response.sent)) exchange.writeSent = true;
  if (failed) {
    const isQueued = purpose === 'write' && target.connection.queuesWrites === true;
    const fault = transportFault(response, isQueued ? 'queued' : 'possible');
    return { kind: response.sent ? 'no_response' : 'not_sent', fault };
  }
  exchange.lastAnswer = { date: response.headers.date, atMs: endMs };
  if (response.headers['x-gateway-sandbox'] !== undefined) exchange.sandbox = true;
  return { kind: 'answered', response };
}

function notSent(fault: Fault): Delivery {
  return { kind: 'not_sent', fault };
}

/** Returns the recorder of a request that may be sent, or why it must not. */
function passBreaker(
  { circuitBreaker }: Target,
  timeoutMs: number,
  isUrgent: boolean,
): Recorder | Fault {
  if (timeoutMs <= 0) return deadlinePassed();
  const record = isUrgent ? circuitBreaker.acquireForced() : circuitBreaker.acquire();
  return record ?? circuitOpen(circuitBreaker.retryAfterMs());
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

/**
 * Returns how a request counts for the breaker: 4xx is a success, and a timeout that the deadline
 * of the exchange has cut short does not count.
 */
function breakerResult(
  response: HttpResponse | TransportFailure,
  timeoutMs: number,
  target: Target,
): RequestResult {
  if (!('failure' in response)) return response.status >= 500 ? 'failed' : 'ok';
  switch (response.failure) {
    case 'connect':
    case 'reset':
      return 'failed';
    case 'timeout':
      return timeoutMs >= target.timeoutMs / 2 ? 'failed' : 'ignored';
    case 'answer_too_large':
    case 'lease_lost':
      return 'ignored';
  }
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
