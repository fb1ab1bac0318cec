import { type HttpRequest, type Result, succeed, type Token } from '../contract/index.ts';
import { restingResult } from './credentials.ts';
import type { Exchange } from './exchange.ts';
import { SHARED_TOKENS_MAX, TOKEN_RENEWALS_MAX } from './limits.ts';
import type { Target } from './target.ts';
import { converse, transmit } from './transmit.ts';

type Authorized = { readonly request: HttpRequest; readonly token?: Token };

/** Adds what proves the sender: fixed headers, a token, or a signature made for this send. */
export async function authorize(
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
    const result = await converse(authorization.acquire(), (asked) =>
      transmit(exchange, asked, 'token', untilMs),
    );
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

/** Remembers, after a write, that its vendor may have ended the token it was sent with. */
export function suspectAfterWrite(target: Target, token: Token): void {
  if (writesEndTokens(target)) target.credentials.suspect(token);
}

function writesEndTokens({ connection: { authorization } }: Target): boolean {
  return authorization.kind === 'token' && authorization.suspectAfterWrite === true;
}

/**
 * Whether a 401 to `token` may be answered by a fresh one. Once for any token; again, within a
 * bound, where a write may have ended it: anybody's a shared token, and only this exchange's own
 * write its own token.
 */
export function mayRenew({ renewals, ownToken, target }: Exchange, token: Token): boolean {
  if (renewals === 0) return true;
  if (renewals >= TOKEN_RENEWALS_MAX || !writesEndTokens(target)) return false;
  return token !== ownToken || target.credentials.isSuspect(token);
}
