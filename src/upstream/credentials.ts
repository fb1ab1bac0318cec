import { type Fault, type Result, succeed, type Token } from '../adapter-kit/index.ts';
import {
  CREDENTIAL_COOLDOWN_MS,
  CREDENTIAL_COOLDOWN_MS_MAX,
  TOKEN_LIFETIME_MS,
  TOKEN_REFRESH_MARGIN_MS,
  TOKEN_WAITS_MAX,
} from '../limits.ts';

/** The token of one target's credential, and whether the credential may be tried at all. */
export type Credentials = {
  /** The valid token from the store; undefined where one must be acquired, or waited for. */
  readonly cachedToken: () => Token | undefined;
  /**
   * A valid token, from the store or by `acquire`; one acquisition at a time. Whoever waits for
   * another's acquisition does so until its own `patience` ends, and then acquires for itself: on
   * Workers the other may have ended without settling anything.
   */
  readonly token: (
    acquire: () => Promise<Result<Token>>,
    waitLimit: () => Promise<void>,
  ) => Promise<Result<Token>> | Result<Token>;
  /** Forgets `token`, unless another one has taken its place already. */
  readonly drop: (token: Token) => void;
  /** A write went through with `token`, after which its vendor may have ended it. */
  readonly markRevokedByWrite: (token: Token) => void;
  /** Reports whether a 401 to `token` may only mean that a write ended it. */
  readonly mayBeRevokedByWrite: (token: Token) => boolean;
  /** The vendor refused the credential: it is not tried again for a while. */
  readonly refused: () => void;
  /** The vendor accepted the credential: the next rest is a short one again. */
  readonly accepted: () => void;
  /** Why the credential must not be used now, or undefined. */
  readonly cooldown: () => Fault | undefined;
};

/** Vendors lock accounts after a few refusals, so refused credentials rest, longer each time. */
export function createCredentials(now: () => number): Credentials {
  let held: { token: Token; untilMs: number } | undefined;
  let pending: Promise<Result<Token>> | undefined;
  const suspects = new WeakSet<Token>();
  let restMs = CREDENTIAL_COOLDOWN_MS;
  let restUntilMs = 0;

  const keep = (token: Token): void => {
    held = { token, untilMs: usedUntilMs(token, now()) };
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
  const join: Credentials['token'] = async (acquire, waitLimit) => {
    for (let waits = 0; waits < TOKEN_WAITS_MAX && pending !== undefined; waits += 1) {
      const joined = pending;
      const acquired = await Promise.race([joined, waitLimit()]);
      if (acquired !== undefined) return acquired;
      if (pending === joined) pending = undefined;
    }
    return start(acquire);
  };

  const heldNow = (): Token | undefined =>
    held !== undefined && now() < held.untilMs ? held.token : undefined;

  return {
    cachedToken: heldNow,
    token: (acquire, waitLimit) => {
      const token = heldNow();
      if (token !== undefined) return succeed(token);
      return pending === undefined ? start(acquire) : join(acquire, waitLimit);
    },
    drop: (token) => {
      if (held?.token === token) held = undefined;
    },
    markRevokedByWrite: (token) => {
      suspects.add(token);
    },
    mayBeRevokedByWrite: (token) => suspects.has(token),
    refused: () => {
      if (now() < restUntilMs) return;
      restUntilMs = now() + restMs;
      restMs = Math.min(2 * restMs, CREDENTIAL_COOLDOWN_MS_MAX);
    },
    accepted: () => {
      restMs = CREDENTIAL_COOLDOWN_MS;
    },
    cooldown: () => {
      if (restUntilMs === 0) return undefined;
      const leftMs = restUntilMs - now();
      if (leftMs <= 0) return undefined;
      const detail = 'The target rejected the configured credentials; they are cooling down.';
      const retryAfterSeconds = Math.ceil(leftMs / 1000);
      return { code: 'target_unauthorized', detail, effect: 'none', retryAfterSeconds };
    },
  };
}

/** Until when a token is used that came at `nowMs`: a while before its own end. */
function usedUntilMs({ expiresAtMs, expiresInSeconds }: Token, nowMs: number): number {
  const lifetimeMs = expiresInSeconds === undefined ? TOKEN_LIFETIME_MS : expiresInSeconds * 1000;
  const endMs = expiresAtMs ?? nowMs + lifetimeMs;
  // A token that lives shorter than twice the margin is renewed halfway.
  return endMs - Math.min(TOKEN_REFRESH_MARGIN_MS, Math.max(0, endMs - nowMs) / 2);
}
