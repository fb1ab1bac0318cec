import {
  type Fault,
  type HttpRequest,
  type HttpResponse,
  type Result,
  succeed,
} from '../adapter-kit/index.ts';
import { PERMIT_MARGIN_MS, SEND_ATTEMPTS_MAX } from '../limits.ts';
import {
  authorize,
  dropToken,
  mayRefreshToken,
  recordCredentialResult,
  writesRevokeTokens,
} from './authorize.ts';
import type { Delivery, Exchange } from './exchange.ts';
import { retryWaitMs } from './retry-budget.ts';
import { runConversation } from './run-conversation.ts';
import { sendOnce } from './send-once.ts';
import type { Target } from './target.ts';

/**
 * Sends a request with credentials, by `untilMs`. Repeats reads on reset, 502, 503 and 504, and
 * writes only when they were surely never sent.
 */
export async function sendWithRetry(
  exchange: Exchange,
  request: HttpRequest,
  purpose: 'read' | 'write',
  untilMs = exchange.deadlineAtMs,
): Promise<Delivery> {
  const { target, ports } = exchange;
  target.retryBudget.deposit();
  for (let attempt = 1; ; attempt += 1) {
    const delivery = await sendAuthorized(exchange, request, purpose, untilMs);
    const fault = retryableFault(target, delivery, purpose);
    if (fault === undefined || attempt >= SEND_ATTEMPTS_MAX) return delivery;
    const waitMs = (fault.retryAfterSeconds ?? 0) * 1000 + retryWaitMs(attempt, ports.random);
    if (isCircuitOpen(exchange) || ports.monotonicMs() + waitMs >= untilMs) return delivery;
    if (!target.retryBudget.tryWithdraw()) return delivery;
    ports.meter?.retry(target.name, purpose);
    await ports.sleep(waitMs);
  }
}

/**
 * Sends a request with credentials, once these may be sent; after a 401, as often as a fresh token
 * may help.
 */
async function sendAuthorized(
  exchange: Exchange,
  request: HttpRequest,
  purpose: 'read' | 'write',
  untilMs: number,
): Promise<Delivery> {
  const { credentials, timeoutMs } = exchange.target;
  // A token that may be rejected does no harm, and the outcome of a write depends on this read.
  const isReadBack =
    purpose === 'read' && exchange.writeSent && writesRevokeTokens(exchange.target);
  const entering = isReadBack
    ? succeed(credentials.enterAnyway())
    : credentials.enter(untilMs, timeoutMs + PERMIT_MARGIN_MS);
  const entered = entering instanceof Promise ? await entering : entering;
  if (!entered.ok) return { kind: 'not_sent', fault: entered.fault };
  const pass = entered.value;
  const revokes = purpose === 'write' && writesRevokeTokens(exchange.target);
  let mayRepeatWrite = false;
  try {
    // `mayRefreshToken` is false after `TOKEN_REFRESHES_MAX` tokens.
    for (let refreshes = 0; ; refreshes += 1) {
      const authorizing = authorize(exchange, pass, request, untilMs);
      const auth = authorizing instanceof Promise ? await authorizing : authorizing;
      if (!auth.ok) return unanswered({ kind: 'not_sent', fault: auth.fault }, mayRepeatWrite);
      const { headers, token } = auth.value;
      const delivery = await sendOnce(exchange, request, purpose, untilMs, headers);
      if (delivery.kind !== 'answered') {
        if (revokes && delivery.kind === 'no_response') pass.mayHaveRevoked();
        return unanswered(delivery, mayRepeatWrite);
      }
      const { response } = delivery;
      if (token === undefined || !mayRefreshToken(exchange, response, refreshes)) {
        recordCredentialResult(exchange, pass, response, purpose);
        return mayRepeatWrite ? { ...delivery, mayRepeatWrite } : delivery;
      }
      // The write itself, delivered before, may have ended the token that is refused now.
      mayRepeatWrite = revokes;
      dropToken(exchange, token);
      const fault = isReadBack ? undefined : credentials.cooldown();
      if (fault !== undefined) return unanswered({ kind: 'not_sent', fault }, mayRepeatWrite);
    }
  } finally {
    pass.release();
  }
}

/** Returns the end of a request without an answer: one before it may have been this write. */
function unanswered(
  delivery: Exclude<Delivery, { kind: 'answered' }>,
  mayRepeatWrite: boolean,
): Delivery {
  if (!mayRepeatWrite || delivery.kind === 'no_response') return delivery;
  return { kind: 'no_response', fault: { ...delivery.fault, effect: 'possible' } };
}

/** Returns why a request failed, where the same may succeed a moment later and does no harm. */
function retryableFault(
  { connection }: Target,
  delivery: Delivery,
  purpose: 'read' | 'write',
): Fault | undefined {
  if (delivery.kind === 'answered') {
    const { status } = delivery.response;
    const isTransient = status === 502 || status === 503 || status === 504;
    return purpose === 'read' && isTransient
      ? connection.classifyFailure(delivery.response)
      : undefined;
  }
  const isSafe = delivery.kind === 'not_sent' || purpose === 'read';
  return isSafe && delivery.fault.code === 'target_unavailable' ? delivery.fault : undefined;
}

function isCircuitOpen({ target, writeSent }: Exchange): boolean {
  return !writeSent && target.circuitBreaker.retryAfterMs() > 0;
}

/** Runs a conversation of reads by `untilMs`, each request with retries. */
export function readWithRetry<T>(
  exchange: Exchange,
  conversation: Generator<HttpRequest, Result<T>, HttpResponse>,
  untilMs = exchange.deadlineAtMs,
): Promise<Result<T>> {
  return runConversation(conversation, (request) =>
    sendWithRetry(exchange, request, 'read', untilMs),
  );
}
