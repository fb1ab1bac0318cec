import { type Fault, type Result, succeed, type Token } from '../adapter-kit/index.ts';
import {
  CREDENTIAL_COOLDOWN_MS,
  CREDENTIAL_COOLDOWN_MS_MAX,
  TOKEN_LIFETIME_MS,
  TOKEN_REFRESH_MARGIN_MS,
} from '../limits.ts';
import type { Clock } from '../state/clock.ts';
import { createSingleFlight } from '../state/single-flight.ts';

/** The credential of one target, and the token that was acquired with it. */
export type Credentials = {
  /**
   * Returns a valid token: the cached one, that of an acquisition under way, for which it waits
   * at most `waitMsMax`, or one by `acquire`.
   */
  readonly token: (
    acquire: () => Promise<Result<Token>>,
    waitMsMax: number,
  ) => Promise<Result<Token>>;
  /** Removes `token` from the cache, unless another one has replaced it. */
  readonly drop: (token: Token) => void;
  /** Records a write that was sent with `token`, at a vendor where writes may revoke tokens. */
  readonly markRevokedByWrite: (token: Token) => void;
  /** Reports whether a write may have revoked `token`. */
  readonly mayBeRevokedByWrite: (token: Token) => boolean;
  /** Records that the vendor rejected the credential, and starts a cooldown. */
  readonly rejected: () => void;
  /** Records that the vendor accepted the credential: the next cooldown is a short one again. */
  readonly accepted: () => void;
  /** Returns the fault of every request during a cooldown; undefined otherwise. */
  readonly cooldown: () => Fault | undefined;
};

/**
 * Vendors lock accounts after a few rejections, so a rejected credential is not sent during a
 * cooldown, which doubles with each rejection.
 */
export function createCredentials({ monotonicMs, now }: Clock): Credentials {
  const acquisitions = createSingleFlight<Result<Token>>();
  const revokedByWrite = new WeakSet<Token>();
  let cached: { readonly token: Token; readonly refreshAtMs: number } | undefined;
  let cooldownMs = CREDENTIAL_COOLDOWN_MS;
  let cooldownEndMs: number | undefined;

  const cachedToken = (): Token | undefined =>
    cached !== undefined && monotonicMs() < cached.refreshAtMs ? cached.token : undefined;

  const cooldownLeftMs = (): number =>
    cooldownEndMs === undefined ? 0 : cooldownEndMs - monotonicMs();

  return {
    token: async (acquire, waitMsMax) => {
      const token = cachedToken();
      if (token !== undefined) return succeed(token);
      const acquireAndCache = async (): Promise<Result<Token>> => {
        const acquired = await acquire();
        if (acquired.ok) {
          const inMs = refreshInMs(acquired.value, now());
          cached = { token: acquired.value, refreshAtMs: monotonicMs() + inMs };
        }
        return acquired;
      };
      return acquisitions.run(acquireAndCache, waitMsMax);
    },
    drop: (token) => {
      if (cached?.token === token) cached = undefined;
    },
    markRevokedByWrite: (token) => {
      revokedByWrite.add(token);
    },
    mayBeRevokedByWrite: (token) => revokedByWrite.has(token),
    rejected: () => {
      if (cooldownLeftMs() > 0) return;
      cooldownEndMs = monotonicMs() + cooldownMs;
      cooldownMs = Math.min(2 * cooldownMs, CREDENTIAL_COOLDOWN_MS_MAX);
    },
    accepted: () => {
      cooldownMs = CREDENTIAL_COOLDOWN_MS;
    },
    cooldown: () => {
      const leftMs = cooldownLeftMs();
      if (leftMs <= 0) return undefined;
      const detail = 'The target rejected the configured credentials; they are cooling down.';
      const retryAfterSeconds = Math.ceil(leftMs / 1000);
      return { code: 'target_unauthorized', detail, effect: 'none', retryAfterSeconds };
    },
  };
}

/** Returns when to replace a token that came at `nowMs`, after that: a while before it expires. */
function refreshInMs({ expiresAtMs, expiresInSeconds }: Token, nowMs: number): number {
  const statedMs = expiresInSeconds === undefined ? TOKEN_LIFETIME_MS : expiresInSeconds * 1000;
  const lifetimeMs = expiresAtMs === undefined ? statedMs : expiresAtMs - nowMs;
  // A token that lives shorter than twice the margin is refreshed halfway.
  return lifetimeMs - Math.min(TOKEN_REFRESH_MARGIN_MS, Math.max(0, lifetimeMs) / 2);
}
