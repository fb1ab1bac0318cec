import { type Fault, fail, type Result, succeed, type Token } from '../contract/index.ts';
import {
  CREDENTIAL_REST_MS,
  CREDENTIAL_REST_MS_MAX,
  TOKEN_LIFETIME_MS,
  TOKEN_RENEWAL_MARGIN_MS,
  TOKEN_WAITS_MAX,
} from './limits.ts';

/** The token of one target's credential, and whether the credential may be tried at all. */
export type Credentials = {
  /**
   * A valid token, from the store or by `acquire`; one acquisition at a time. Whoever waits for
   * another's acquisition does so until its own `patience` ends, and then acquires for itself: on
   * Workers the other may have ended without settling anything.
   */
  readonly token: (
    acquire: () => Promise<Result<Token>>,
    patience: () => Promise<void>,
  ) => Promise<Result<Token>> | Result<Token>;
  /** Forgets `token`, unless another one has taken its place already. */
  readonly drop: (token: Token) => void;
  /** A write went through with `token`, after which its vendor may have ended it. */
  readonly suspect: (token: Token) => void;
  /** Whether a 401 to `token` may only mean that a write ended it. */
  readonly isSuspect: (token: Token) => boolean;
  /** The vendor refused the credential: it is not tried again for a while. */
  readonly refused: () => void;
  /** The vendor accepted the credential: the next rest is a short one again. */
  readonly accepted: () => void;
  /** Why the credential must not be used now, or undefined. */
  readonly resting: () => Fault | undefined;
};

/** Vendors lock accounts after a few refusals, so refused credentials rest, longer each time. */
export function createCredentials(now: () => number): Credentials {
  let held: { token: Token; untilMs: number } | undefined;
  let pending: Promise<Result<Token>> | undefined;
  const suspects = new WeakSet<Token>();
  let restMs = CREDENTIAL_REST_MS;
  let restUntilMs = 0;

  const keep = (token: Token): void => {
    const lifetimeMs =
      token.expiresInSeconds === undefined ? TOKEN_LIFETIME_MS : token.expiresInSeconds * 1000;
    const endMs = token.expiresAtMs ?? now() + lifetimeMs;
    // A token that lives shorter than twice the margin is renewed halfway.
    const marginMs = Math.min(TOKEN_RENEWAL_MARGIN_MS, Math.max(0, endMs - now()) / 2);
    held = { token, untilMs: endMs - marginMs };
  };

  const start = (acquire: () => Promise<Result<Token>>): Promise<Result<Token>> => {
    const started = acquire()
      .then((acquired) => {
        if (acquired.ok) keep(acquired.value);
        return acquired;
      })
      .finally(() => {
        if (pending === started) pending = undefined;
      });
    pending = started;
    return started;
  };

  /** The result of another's acquisition; of its successor's, then its own, where none comes. */
  const join: Credentials['token'] = async (acquire, patience) => {
    for (let waits = 0; waits < TOKEN_WAITS_MAX && pending !== undefined; waits += 1) {
      const joined = pending;
      const acquired = await Promise.race([joined, patience()]);
      if (acquired !== undefined) return acquired;
      if (pending === joined) pending = undefined;
    }
    return start(acquire);
  };

  return {
    token: (acquire, patience) => {
      if (held !== undefined && now() < held.untilMs) return succeed(held.token);
      return pending === undefined ? start(acquire) : join(acquire, patience);
    },
    drop: (token) => {
      if (held?.token === token) held = undefined;
    },
    suspect: (token) => {
      suspects.add(token);
    },
    isSuspect: (token) => suspects.has(token),
    refused: () => {
      if (now() < restUntilMs) return;
      restUntilMs = now() + restMs;
      restMs = Math.min(2 * restMs, CREDENTIAL_REST_MS_MAX);
    },
    accepted: () => {
      restMs = CREDENTIAL_REST_MS;
    },
    resting: () => {
      const leftMs = restUntilMs - now();
      if (leftMs <= 0) return undefined;
      const detail = 'The target refused the credentials configured for it; they rest for a while.';
      const retryAfterSeconds = Math.ceil(leftMs / 1000);
      return { code: 'target_unauthorized', detail, effect: 'none', retryAfterSeconds };
    },
  };
}

/** The result of a rest as a failed result, so that callers can return it. */
export function restingResult(credentials: Credentials): Result<never> | undefined {
  const fault = credentials.resting();
  return fault === undefined ? undefined : fail(fault);
}
