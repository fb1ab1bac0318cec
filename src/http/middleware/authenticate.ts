import type { Context } from 'hono';
import { type Fault, type MaybePromise, ownFault } from '../../adapter-kit/index.ts';
import type { Caller, Scope } from '../../auth/caller.ts';
import { bearerKey, type CallerBook } from '../../auth/caller-registry.ts';
import type { KeyPorts } from '../../auth/jwks-cache.ts';
import { type Admit, rateHeaders, shareOfRate } from '../../auth/rate-limiter.ts';
import { JWKS_RETRY_MS } from '../../limits.ts';
import type { InFlight } from '../in-flight.ts';
import type { Handler } from '../pipeline.ts';
import type { RequestState } from '../request-state.ts';
import { respondProblem, setResponseHeader } from '../responses.ts';
import { listenerOf } from './entry.ts';

/** Ports that identify callers and bound their rates; without `admit` they are not counted. */
export type AccessPorts = KeyPorts & {
  readonly admit: Admit | undefined;
  /** Number of processes that share the rates; absent: this one only. */
  readonly liveReplicas?: (() => number) | undefined;
  readonly inFlight: InFlight;
};

/** Rejects a request unless its caller is known, within its rate, and has `scope`. */
export function requireScope(scope: Scope, ports: AccessPorts): Handler {
  return (c) => {
    const { callers } = c.get('gateway');
    if (callers === undefined || listenerOf(c) === 'admin-open') return undefined;
    const identified = identify(c, callers, ports);
    return identified instanceof Promise
      ? identified.then((caller) => refuse(c, caller, scope, ports))
      : refuse(c, identified, scope, ports);
  };
}

type Identified = Caller | 'undecided' | undefined;

/** Notes the caller and counts the request; responds if the caller lacks `scope`. */
function refuse(
  c: Context,
  identified: Identified,
  scope: Scope,
  { admit, inFlight, liveReplicas }: AccessPorts,
): Response | undefined {
  if (identified === 'undecided') return respondProblem(c, keysUnavailable());
  if (identified === undefined) {
    setResponseHeader(c, 'WWW-Authenticate', 'Bearer');
    const detail = 'Send the key or token of a configured caller as "Authorization: Bearer …".';
    return respondProblem(c, ownFault('unauthenticated', detail));
  }
  const state = c.get('state');
  state.record.caller = identified.name;
  c.env?.onCaller?.();
  const exceeded = countRequest(state, identified, admit, liveReplicas);
  if (exceeded !== undefined) return respondProblem(c, exceeded);
  if (!inFlight.enter(state, identified)) return respondProblem(c, tooManyAtOnce());
  if (!identified.scopes.has(scope)) {
    return respondProblem(c, ownFault('forbidden', `The caller lacks the scope ${scope}.`));
  }
  state.caller = identified;
  return undefined;
}

function identify(
  c: Context,
  { find, verify }: CallerBook,
  ports: AccessPorts,
): MaybePromise<Identified> {
  const credential = bearerKey(c.get('state').requestHeaders.authorization);
  if (credential === undefined) return undefined;
  const found = find(credential);
  if (verify === undefined) return found;
  const byToken = async (): Promise<Identified> => {
    const { caller, undecided } = await verify(credential, ports);
    return caller ?? (undecided ? 'undecided' : undefined);
  };
  if (found instanceof Promise) return found.then((caller) => caller ?? byToken());
  return found ?? byToken();
}

/** Counts the request against the caller's rate; a fault when it is one too many. */
function countRequest(
  { responseHeaders }: RequestState,
  { name, rate }: Caller,
  admit: Admit | undefined,
  liveReplicas: AccessPorts['liveReplicas'],
): Fault | undefined {
  if (rate === undefined || admit === undefined) return undefined;
  const own = liveReplicas === undefined ? rate : shareOfRate(rate, liveReplicas());
  const admission = admit(name, own);
  for (const [of, value] of rateHeaders(own, admission)) responseHeaders[of] = value;
  if (admission.admitted) return undefined;
  const detail = `The caller may send ${rate.requestsPerSecond} requests per second.`;
  return ownFault('rate_limited', detail, { retryAfterSeconds: admission.nextInSeconds });
}

function tooManyAtOnce(): Fault {
  const detail = 'The caller has too many requests in flight; nothing was sent.';
  return ownFault('rate_limited', detail, { retryAfterSeconds: 1 });
}

function keysUnavailable(): Fault {
  const detail =
    "The keys of the token's issuer are not available, so the token cannot be verified.";
  return ownFault('issuer_unavailable', detail, { retryAfterSeconds: JWKS_RETRY_MS / 1000 });
}
