import type { Fault, HttpRequest, HttpResponse, Result } from '../contract/index.ts';
import { isHeldBack } from './admission.ts';
import { authorize, mayRenew, suspectAfterWrite } from './authorize.ts';
import type { Delivery, Exchange, Purpose } from './exchange.ts';
import { SEND_ATTEMPTS_MAX } from './limits.ts';
import { retryWaitMs } from './retry.ts';
import type { Target } from './target.ts';
import { converse, transmit } from './transmit.ts';

/**
 * Sends one request with credentials, by `untilMs`. Reads are repeated on reset, 502, 503 and 504,
 * writes only when they were surely never sent; a 401 to a token is answered once by a fresh one.
 */
export async function deliver(
  exchange: Exchange,
  request: HttpRequest,
  purpose: 'read' | 'write',
  untilMs = exchange.endMs,
): Promise<Delivery> {
  const { target, ports } = exchange;
  target.retries.earn();
  for (let attempt = 1; ; attempt += 1) {
    const delivery = await deliverOnce(exchange, request, purpose, untilMs);
    const waitMs = repeatAfterMs(exchange, delivery, purpose, attempt);
    if (waitMs === undefined || attempt >= SEND_ATTEMPTS_MAX) return delivery;
    if (isHeldBack(exchange)) return delivery;
    if (ports.now() + waitMs >= untilMs || !target.retries.spend()) return delivery;
    ports.meter?.retry(target.name, purpose);
    await ports.sleep(waitMs);
  }
}

/** How long to wait before a repeat: what the target asks for, and a random time; or undefined. */
function repeatAfterMs(
  { ports, target }: Exchange,
  delivery: Delivery,
  purpose: Purpose,
  attempt: number,
): number | undefined {
  const fault = faultToRepeat(target, delivery, purpose);
  if (fault === undefined) return undefined;
  return (fault.retryAfterSeconds ?? 0) * 1000 + retryWaitMs(attempt, ports.random);
}

/** Why a request failed, where the same may succeed a moment later and does no harm. */
function faultToRepeat(
  { connection }: Target,
  delivery: Delivery,
  purpose: Purpose,
): Fault | undefined {
  if (delivery.kind === 'answered') {
    const { status } = delivery.response;
    const isPassing = status === 502 || status === 503 || status === 504;
    return purpose === 'read' && isPassing ? connection.classify(delivery.response) : undefined;
  }
  const mayRepeat = delivery.kind === 'unsent' || purpose === 'read';
  return mayRepeat && delivery.fault.code === 'target_unavailable' ? delivery.fault : undefined;
}

async function deliverOnce(
  exchange: Exchange,
  request: HttpRequest,
  purpose: 'read' | 'write',
  untilMs: number,
): Promise<Delivery> {
  const { connection, credentials } = exchange.target;
  const authorized = await authorize(exchange, request, untilMs);
  if (!authorized.ok) return { kind: 'unsent', fault: authorized.fault };
  const { request: signed, token } = authorized.value;
  const delivery = await transmit(exchange, signed, purpose, untilMs);
  if (delivery.kind !== 'answered') return delivery;
  if (delivery.response.status < 300) {
    if (purpose === 'write' && token !== undefined) suspectAfterWrite(exchange.target, token);
    return delivery;
  }
  if (connection.classify(delivery.response).code !== 'target_unauthorized') return delivery;
  if (token !== undefined && delivery.response.status === 401 && mayRenew(exchange, token)) {
    exchange.renewals += 1;
    credentials.drop(token);
    if (exchange.ownToken === token) exchange.ownToken = undefined;
    return deliverOnce(exchange, request, purpose, untilMs);
  }
  credentials.refused();
  return delivery;
}

/** Reads by `untilMs`, with all that `deliver` does for each request. */
export function drive<T>(
  exchange: Exchange,
  conversation: Generator<HttpRequest, Result<T>, HttpResponse>,
  untilMs = exchange.endMs,
): Promise<Result<T>> {
  return converse(conversation, (request) => deliver(exchange, request, 'read', untilMs));
}
