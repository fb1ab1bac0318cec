import {
  fail,
  type HttpRequest,
  type HttpResponse,
  type MaybePromise,
  type Result,
  succeed,
  type Token,
} from '../adapter-kit/index.ts';
import { SHARED_TOKENS_MAX, TOKEN_REFRESHES_MAX } from '../limits.ts';
import type { Purpose } from '../telemetry/log.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import type { Delivery, Exchange } from './exchange.ts';
import { prepareRequest, recordResponse, runConversation, send } from './send-once.ts';
import type { Target } from './target.ts';

/** Authentication of one request. */
export type RequestAuth = {
  readonly headers: HttpRequest['headers'];
  /** The token that the headers come from. */
  readonly token: Token | undefined;
};

/**
 * Returns the authentication of `request`: fixed headers, a token, or a signature made for this
 * send. A promise comes only where a token must be waited for, or from digests that give one.
 */
export function authorize(
  exchange: Exchange,
  request: HttpRequest,
  untilMs: number,
): MaybePromise<Result<RequestAuth>> {
  const { target, ports } = exchange;
  const { authorization } = target.connection;
  const resting = target.credentials.cooldown();
  if (resting !== undefined) return fail(resting);
  if (authorization.kind === 'headers') return byHeaders(authorization.headers);
  if (authorization.kind === 'signature') {
    const signed = authorization.sign(request, { nowMs: ports.now(), digests: ports.digests });
    return signed instanceof Promise ? signed.then(byHeaders) : byHeaders(signed);
  }
  const held =
    exchange.tokenRefreshes < SHARED_TOKENS_MAX ? target.credentials.cachedToken() : undefined;
  if (held !== undefined) return byToken(target, held);
  const acquire = async (): Promise<Result<Token>> => {
    const result = await runConversation(authorization.acquire(), (asked) =>
      requestToken(exchange, asked, untilMs),
    );
    if (!result.ok && result.fault.code === 'target_unauthorized') target.credentials.rejected();
    ports.meter?.tokenRequest(target.name, result.ok ? 'ok' : 'failed');
    return result;
  };
  const acquired = tokenFor(exchange, acquire, untilMs);
  const use = (token: Result<Token>): Result<RequestAuth> =>
    token.ok ? byToken(target, token.value) : token;
  return acquired instanceof Promise ? acquired.then(use) : use(acquired);
}

/** Sends a request for a token once; what proves the sender is in it. */
async function requestToken(
  exchange: Exchange,
  request: HttpRequest,
  untilMs: number,
): Promise<Delivery> {
  const departure = await prepareRequest(exchange, request, {}, 'token', untilMs);
  if (!departure.ok) return { kind: 'not_sent', fault: departure.fault };
  return recordResponse(exchange, departure.value, await send(exchange, departure.value));
}

function byHeaders(headers: HttpRequest['headers']): Result<RequestAuth> {
  return succeed({ headers, token: undefined });
}

function byToken(target: Target, token: Token): Result<RequestAuth> {
  rememberToken(target.redactor, token);
  return succeed({ headers: token.headers, token });
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
  const { ports, tokenRefreshes, target } = exchange;
  if (tokenRefreshes < SHARED_TOKENS_MAX) {
    const patienceMs = Math.max(0, Math.min(target.timeoutMs, untilMs - ports.now()));
    return target.credentials.token(acquire, () => ports.sleep(patienceMs));
  }
  if (exchange.ownToken !== undefined) return succeed(exchange.ownToken);
  return acquire().then((acquired) => {
    if (acquired.ok) exchange.ownToken = acquired.value;
    return acquired;
  });
}

/** The token that each redactor was given last: giving it again would change nothing. */
const givenLast = new WeakMap<Redactor, Token>();

/** A token is a secret whenever it is sent: texts that quote it are cleaned of it. */
function rememberToken(redactor: Redactor, token: Token): void {
  if (givenLast.get(redactor) === token) return;
  givenLast.set(redactor, token);
  for (const value of Object.values(token.headers)) {
    redactor.addToken(value.replace(/^Bearer /, ''));
  }
}

/**
 * Learns what an answer says of the credential that its request was sent with. True where the
 * request shall be sent once more, with a fresh token.
 */
export function shouldRefreshToken(
  exchange: Exchange,
  response: HttpResponse,
  purpose: Purpose,
  token: Token | undefined,
): boolean {
  const { target } = exchange;
  const { connection, credentials } = target;
  if (response.status < 300) {
    // Its vendor may have ended the token by the very write.
    if (purpose === 'write' && token !== undefined && writesRevokeTokens(target)) {
      credentials.markRevokedByWrite(token);
    }
    return false;
  }
  if (connection.classifyFailure(response).code !== 'target_unauthorized') return false;
  if (token === undefined || response.status !== 401 || !mayRefresh(exchange, token)) {
    credentials.rejected();
    return false;
  }
  exchange.tokenRefreshes += 1;
  credentials.drop(token);
  if (exchange.ownToken === token) exchange.ownToken = undefined;
  return true;
}

function writesRevokeTokens({ connection: { authorization } }: Target): boolean {
  return authorization.kind === 'token' && authorization.writesRevokeToken === true;
}

/**
 * Reports whether a 401 to `token` may be answered by a fresh one. Once for any token; again,
 * within a bound, where a write may have ended it: anybody's a shared token, and only this
 * exchange's own write its own token.
 */
function mayRefresh({ tokenRefreshes, ownToken, target }: Exchange, token: Token): boolean {
  if (tokenRefreshes === 0) return true;
  if (tokenRefreshes >= TOKEN_REFRESHES_MAX || !writesRevokeTokens(target)) return false;
  return token !== ownToken || target.credentials.mayBeRevokedByWrite(token);
}
