import {
  type Fault,
  fail,
  type HttpRequest,
  type HttpResponse,
  type Result,
  succeed,
  type Token,
} from '../contract/index.ts';
import { admit, isHeldBack } from './admission.ts';
import { restingResult } from './credentials.ts';
import {
  EXCHANGE_STEPS_MAX,
  SEND_ATTEMPTS_MAX,
  SHARED_TOKENS_MAX,
  TOKEN_RENEWALS_MAX,
} from './limits.ts';
import { isFailure, type Ports, type TransportFailure } from './ports.ts';
import { retryWaitMs } from './retry.ts';
import { sendStep } from './step-signals.ts';
import type { Target } from './target.ts';
import { lastWriteMs, targetEndMs } from './target-limits.ts';

/** One request of an exchange as the log tells it. */
export type StepRecord = {
  readonly purpose: Purpose;
  readonly method: string;
  readonly status: number | string;
  readonly durationMs: number;
};

type Purpose = 'token' | 'read' | 'write';

/** What one patch or read keeps while it talks to its target. */
export type Exchange = {
  readonly target: Target;
  readonly ports: Ports;
  /** Unix milliseconds at which the caller must have an answer. */
  readonly endMs: number;
  /** When the last write must have been answered: what follows is kept for reading it back. */
  readonly lastWriteMs: number;
  readonly steps: StepRecord[];
  /** Fresh tokens taken after a 401 in this exchange. */
  renewals: number;
  /** A token that no other exchange sends, so that no other's write can end it. */
  ownToken: Token | undefined;
  /** A byte of a write may have left. */
  writeSent: boolean;
  /** A sandbox answered, so the caller is told. */
  sandbox: boolean;
  /** The vendor's own clock in its last answer, and when that came by ours. */
  lastAnswer: { readonly date: string | undefined; readonly atMs: number } | undefined;
};

/** Begins a conversation for a caller who must have an answer by `endMs`, of any target. */
export function startExchange(target: Target, ports: Ports, endMs: number): Exchange {
  return {
    target,
    ports,
    endMs: targetEndMs(target, ports, endMs),
    lastWriteMs: lastWriteMs(target, ports, endMs),
    steps: [],
    renewals: 0,
    ownToken: undefined,
    writeSent: false,
    sandbox: false,
    lastAnswer: undefined,
  };
}

/** How a request ended: answered, surely never sent, or sent and left without an answer. */
export type Delivery =
  | { readonly kind: 'answered'; readonly response: HttpResponse }
  | { readonly kind: 'unsent'; readonly fault: Fault }
  | { readonly kind: 'unanswered'; readonly fault: Fault };

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

function suspectAfterWrite(target: Target, token: Token): void {
  if (writesEndTokens(target)) target.credentials.suspect(token);
}

function writesEndTokens({ connection: { authorization } }: Target): boolean {
  return authorization.kind === 'token' && authorization.suspectAfterWrite === true;
}

/**
 * Once for any token; again, within a bound, where a write may have ended it: anybody's a shared
 * token, and only this exchange's own write its own token.
 */
function mayRenew({ renewals, ownToken, target }: Exchange, token: Token): boolean {
  if (renewals === 0) return true;
  if (renewals >= TOKEN_RENEWALS_MAX || !writesEndTokens(target)) return false;
  return token !== ownToken || target.credentials.isSuspect(token);
}

type Authorized = { readonly request: HttpRequest; readonly token?: Token };

/** Adds what proves the sender: fixed headers, a token, or a signature made for this send. */
async function authorize(
  exchange: Exchange,
  request: HttpRequest,
  untilMs: number,
): Promise<Result<Authorized>> {
  const { target, ports } = exchange;
  const { authorization } = target.connection;
  const resting = restingResult(target.credentials);
  if (resting !== undefined) return resting;
  if (authorization.kind === 'headers') {
    return succeed({ request: withHeaders(request, authorization.headers) });
  }
  if (authorization.kind === 'signature') {
    const signed = authorization.sign(request, { nowMs: ports.now(), digests: ports.digests });
    const headers = signed instanceof Promise ? await signed : signed;
    return succeed({ request: withHeaders(request, headers) });
  }
  const acquire = async (): Promise<Result<Token>> => {
    const result = await drive(exchange, authorization.acquire(), 'token', untilMs);
    if (!result.ok && result.fault.code === 'target_unauthorized') target.credentials.refused();
    ports.meter?.tokenRenewal(target.name, result.ok ? 'ok' : 'failed');
    return result;
  };
  const acquired = tokenFor(exchange, acquire, untilMs);
  const token = acquired instanceof Promise ? await acquired : acquired;
  if (!token.ok) return token;
  const { value } = token;
  rememberToken(target, value);
  return succeed({ request: withHeaders(request, value.headers), token: value });
}

/**
 * The target's token. An exchange that was refused two of them has writers beside it that end
 * them, and takes one of its own.
 */
function tokenFor(
  exchange: Exchange,
  acquire: () => Promise<Result<Token>>,
  untilMs: number,
): Promise<Result<Token>> | Result<Token> {
  const { ports, renewals, target } = exchange;
  if (renewals < SHARED_TOKENS_MAX) {
    const patienceMs = Math.max(0, Math.min(target.timeoutMs, untilMs - ports.now()));
    return target.credentials.token(acquire, () => ports.sleep(patienceMs));
  }
  if (exchange.ownToken !== undefined) return succeed(exchange.ownToken);
  return acquire().then((acquired) => {
    if (acquired.ok) exchange.ownToken = acquired.value;
    return acquired;
  });
}

/** A token is a secret whenever it is sent: texts that quote it are cleaned of it. */
function rememberToken(target: Target, token: Token): void {
  for (const value of Object.values(token.headers)) {
    target.redactor.addToken(value.replace(/^Bearer /, ''));
  }
}

function withHeaders(request: HttpRequest, headers: Readonly<Record<string, string>>): HttpRequest {
  return { ...request, headers: { ...request.headers, ...headers } };
}

/** Drives a conversation of reads to its result; a request without an answer ends it. */
export async function drive<T>(
  exchange: Exchange,
  conversation: Generator<HttpRequest, Result<T>, HttpResponse>,
  purpose: 'read' | 'token',
  untilMs = exchange.endMs,
): Promise<Result<T>> {
  let step = conversation.next();
  for (let count = 0; count < EXCHANGE_STEPS_MAX; count += 1) {
    if (step.done === true) return step.value;
    const delivery =
      purpose === 'token'
        ? await transmit(exchange, step.value, purpose, untilMs)
        : await deliver(exchange, step.value, purpose, untilMs);
    if (delivery.kind !== 'answered') return fail(delivery.fault);
    step = conversation.next(delivery.response);
  }
  const detail = `The exchange took more than ${EXCHANGE_STEPS_MAX} requests.`;
  return fail({ code: 'target_protocol', detail, effect: 'none' });
}

async function transmit(
  exchange: Exchange,
  request: HttpRequest,
  purpose: Purpose,
  untilMs: number,
): Promise<Delivery> {
  const { target, ports } = exchange;
  if (!target.connection.origins.includes(request.origin)) {
    throw new Error('an adapter asked for an origin outside its configuration');
  }
  const admission = await admit(exchange, untilMs);
  if (!admission.ok) return { kind: 'unsent', fault: admission.fault };
  const { end, timeoutMs } = admission.value;
  const answer = await sendStep(exchange, request, purpose, timeoutMs);
  end(answer);
  const failed = isFailure(answer);
  if (purpose === 'write' && (!failed || answer.sent)) exchange.writeSent = true;
  if (failed) {
    const fault = transportFault(answer);
    return answer.sent ? { kind: 'unanswered', fault } : { kind: 'unsent', fault };
  }
  exchange.lastAnswer = { date: answer.headers.date, atMs: ports.now() };
  if (answer.headers['x-gateway-sandbox'] !== undefined) exchange.sandbox = true;
  if (answer.status < 300 && purpose !== 'token') target.credentials.accepted();
  return { kind: 'answered', response: answer };
}

function transportFault({ failure, sent }: TransportFailure): Fault {
  const effect = sent ? 'possible' : 'none';
  switch (failure) {
    case 'connect':
      return { code: 'target_unavailable', detail: 'The target cannot be reached.', effect };
    case 'timeout':
      return { code: 'target_timeout', detail: 'The target did not answer in time.', effect };
    case 'reset':
      return { code: 'target_unavailable', detail: 'The connection to the target broke.', effect };
    case 'answer_too_large':
      return { code: 'target_protocol', detail: 'The answer of the target is too large.', effect };
  }
}
