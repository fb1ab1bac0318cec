import type { Fault, HttpRequest, HttpResponse, Result } from '../adapter-kit/index.ts';
import { SEND_ATTEMPTS_MAX } from '../limits.ts';
import type { Purpose } from '../telemetry/log.ts';
import { isBreakerOpen } from './admission-control.ts';
import { authorize, shouldRefreshToken } from './authorize.ts';
import type { Delivery, Exchange } from './exchange.ts';
import { retryWaitMs } from './retry-budget.ts';
import { prepareRequest, recordResponse, runConversation, send } from './send-once.ts';
import type { Target } from './target.ts';

/**
 * Sends one request with credentials, by `untilMs`. Reads are repeated on reset, 502, 503 and 504,
 * writes only when they were surely never sent; a 401 to a token is answered once by a fresh one.
 */
export async function sendWithRetry(
  exchange: Exchange,
  request: HttpRequest,
  purpose: 'read' | 'write',
  untilMs = exchange.deadlineAtMs,
): Promise<Delivery> {
  const { target, ports } = exchange;
  target.retryBudget.deposit();
  for (let attempt = 1; ; ) {
    const proving = authorize(exchange, request, untilMs);
    const proof = proving instanceof Promise ? await proving : proving;
    const leaving = proof.ok
      ? prepareRequest(exchange, request, proof.value.headers, purpose, untilMs)
      : proof;
    const departure = leaving instanceof Promise ? await leaving : leaving;
    const delivery: Delivery = departure.ok
      ? recordResponse(exchange, departure.value, await send(exchange, departure.value))
      : { kind: 'not_sent', fault: departure.fault };
    if (proof.ok && delivery.kind === 'answered') {
      if (shouldRefreshToken(exchange, delivery.response, purpose, proof.value.token)) continue;
    }
    const waitMs = repeatAfterMs(exchange, delivery, purpose, attempt);
    if (waitMs === undefined || attempt >= SEND_ATTEMPTS_MAX) return delivery;
    if (isBreakerOpen(exchange)) return delivery;
    if (ports.now() + waitMs >= untilMs || !target.retryBudget.tryWithdraw()) return delivery;
    ports.meter?.retry(target.name, purpose);
    await ports.sleep(waitMs);
    attempt += 1;
  }
}

/** Returns the wait before a repeat: what the target asks for, and a random time; or undefined. */
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
    return purpose === 'read' && isPassing
      ? connection.classifyFailure(delivery.response)
      : undefined;
  }
  const mayRepeat = delivery.kind === 'not_sent' || purpose === 'read';
  return mayRepeat && delivery.fault.code === 'target_unavailable' ? delivery.fault : undefined;
}

/** Reads by `untilMs`, with all that `deliver` does for each request. */
export function readWithRetry<T>(
  exchange: Exchange,
  conversation: Generator<HttpRequest, Result<T>, HttpResponse>,
  untilMs = exchange.deadlineAtMs,
): Promise<Result<T>> {
  return runConversation(conversation, (request) =>
    sendWithRetry(exchange, request, 'read', untilMs),
  );
}
