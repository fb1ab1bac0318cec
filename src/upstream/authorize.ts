import {
  type Authorization,
  type HttpRequest,
  type HttpResponse,
  type MaybePromise,
  type Result,
  succeed,
  type Token,
} from '../adapter-kit/index.ts';
import { SHARED_TOKENS_MAX, TOKEN_REFRESHES_MAX } from '../limits.ts';
import type { Redactor } from '../telemetry/redactor.ts';
import type { CredentialPass } from './credential-gate.ts';
import type { Exchange } from './exchange.ts';
import { runConversation } from './run-conversation.ts';
import { sendOnce } from './send-once.ts';
import type { Target } from './target.ts';
import { isTargetFault } from './target-fault.ts';

/** Authentication of one request. */
export type RequestAuth = {
  readonly headers: HttpRequest['headers'];
  /** The token that the headers come from; undefined for fixed headers and signatures. */
  readonly token: Token | undefined;
};

type TokenAuthorization = Extract<Authorization, { kind: 'token' }>;

/** Returns the authentication of `request`: fixed headers, a signature of this send, or a token. */
export function authorize(
  exchange: Exchange,
  pass: CredentialPass,
  request: HttpRequest,
  untilMs: number,
): MaybePromise<Result<RequestAuth>> {
  const { authorization } = exchange.target.connection;
  switch (authorization.kind) {
    case 'headers':
      return succeed({ headers: authorization.headers, token: undefined });
    case 'signature':
      return sign(exchange, authorization, request);
    case 'token':
      return authorizeByToken(exchange, pass, authorization, untilMs);
  }
}

/** A promise only where the digests of the runtime return one. */
function sign(
  { ports }: Exchange,
  authorization: Extract<Authorization, { kind: 'signature' }>,
  request: HttpRequest,
): MaybePromise<Result<RequestAuth>> {
  const { digests } = ports;
  const signed = (headers: RequestAuth['headers']) => succeed({ headers, token: undefined });
  const signing = authorization.sign(request, { nowMs: ports.now(), digests });
  return signing instanceof Promise ? signing.then(signed) : signed(signing);
}

async function authorizeByToken(
  exchange: Exchange,
  pass: CredentialPass,
  authorization: TokenAuthorization,
  untilMs: number,
): Promise<Result<RequestAuth>> {
  const token = await tokenFor(exchange, pass, authorization, untilMs);
  if (!token.ok) return token;
  redactToken(exchange, token.value);
  return succeed({ headers: token.value.headers, token: token.value });
}

/**
 * Returns the target's token, which all exchanges share. Once `SHARED_TOKENS_MAX` of them were
 * rejected, writes of other exchanges keep revoking them, and this exchange acquires its own.
 */
async function tokenFor(
  exchange: Exchange,
  pass: CredentialPass,
  authorization: TokenAuthorization,
  untilMs: number,
): Promise<Result<Token>> {
  const { ports, target } = exchange;
  const acquire = () => acquireToken(exchange, pass, authorization, untilMs);
  if (exchange.tokenRefreshes < SHARED_TOKENS_MAX) {
    const waitMsMax = Math.max(0, Math.min(target.timeoutMs, untilMs - ports.monotonicMs()));
    return target.credentials.token(acquire, waitMsMax);
  }
  if (exchange.ownToken !== undefined) return succeed(exchange.ownToken);
  const acquired = await acquire();
  if (acquired.ok) exchange.ownToken = acquired.value;
  return acquired;
}

async function acquireToken(
  exchange: Exchange,
  pass: CredentialPass,
  authorization: TokenAuthorization,
  untilMs: number,
): Promise<Result<Token>> {
  const { ports, target } = exchange;
  // The request for a token holds the credential itself, so that it needs no further headers.
  const acquired = await runConversation(authorization.acquire(), (request) =>
    sendOnce(exchange, request, 'token', untilMs, {}),
  );
  if (!acquired.ok && acquired.fault.code === 'target_unauthorized') pass.rejected();
  ports.meter?.tokenRequest(target.name, acquired.ok ? 'ok' : 'failed');
  return acquired;
}

/** The token that was added to each redactor last, which needs not be added again. */
const addedLast = new WeakMap<Redactor, Token>();

/** Hides a token that is about to be sent in all texts that quote it. */
function redactToken({ sentTokens, target: { redactor } }: Exchange, token: Token): void {
  const values = Object.values(token.headers)
    .map((value) => value.replace(/^Bearer /, ''))
    .filter((value) => value !== '');
  for (const value of values) sentTokens.add(value);
  if (addedLast.get(redactor) === token) return;
  addedLast.set(redactor, token);
  for (const value of values) redactor.addToken(value);
}

/**
 * Reports whether a request that has had `refreshes` fresh tokens may be sent with another one,
 * after a 401: once, or up to `TOKEN_REFRESHES_MAX` times where a write, of whatever exchange, may
 * have revoked it.
 */
export function mayRefreshToken(
  { target }: Exchange,
  response: HttpResponse,
  refreshes: number,
): boolean {
  const { code, isAccountLocked } = target.connection.classifyFailure(response);
  const isTokenRejected = response.status === 401 && code === 'target_unauthorized';
  if (!isTokenRejected || isAccountLocked === true) return false;
  return refreshes < (writesRevokeTokens(target) ? TOKEN_REFRESHES_MAX : 1);
}

/** Stops the use of a token that was rejected, and counts the fresh one that follows. */
export function dropToken(exchange: Exchange, token: Token): void {
  exchange.tokenRefreshes += 1;
  exchange.target.credentials.drop(token);
  if (exchange.ownToken === token) exchange.ownToken = undefined;
}

/**
 * Records what a response shows of the credential that its request was sent with: a response about
 * the request or the profile, too, shows that it was accepted.
 */
export function recordCredentialResult(
  { target }: Exchange,
  pass: CredentialPass,
  response: HttpResponse,
  purpose: 'read' | 'write',
): void {
  const isSuccess = response.status < 300;
  const code = isSuccess ? undefined : target.connection.classifyFailure(response).code;
  if (isSuccess && purpose === 'write' && writesRevokeTokens(target)) pass.mayHaveRevoked();
  if (code === undefined || !isTargetFault(code)) pass.accepted();
  else if (code !== 'target_unauthorized') return;
  else if (writesRevokeTokens(target)) pass.tokenRejected();
  else pass.rejected();
}

/** Reports whether a write of a target may end the token that it was sent with. */
export function writesRevokeTokens({ connection: { authorization } }: Target): boolean {
  return authorization.kind === 'token' && authorization.writesRevokeToken === true;
}
