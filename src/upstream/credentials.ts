import { type Result, succeed, type Token } from '../adapter-kit/index.ts';
import { TOKEN_LIFETIME_MS, TOKEN_REFRESH_MARGIN_MS } from '../limits.ts';
import type { Clock } from '../state/clock.ts';
import { createSingleFlight } from '../state/single-flight.ts';
import { type CredentialGate, createCredentialGate } from './credential-gate.ts';

/** The credential of one target, and the token that was acquired with it. */
export type Credentials = CredentialGate & {
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
};

export function createCredentials({ monotonicMs, now }: Clock, waitersMax: number): Credentials {
  const acquisitions = createSingleFlight<Result<Token>>();
  let cached: { readonly token: Token; readonly refreshAtMs: number } | undefined;

  const cachedToken = (): Token | undefined =>
    cached !== undefined && monotonicMs() < cached.refreshAtMs ? cached.token : undefined;

  return {
    ...createCredentialGate(monotonicMs, waitersMax),
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
  };
}

/** Returns when to replace a token that came at `nowMs`, after that: a while before it expires. */
function refreshInMs({ expiresAtMs, expiresInSeconds }: Token, nowMs: number): number {
  const statedMs = expiresInSeconds === undefined ? TOKEN_LIFETIME_MS : expiresInSeconds * 1000;
  const lifetimeMs = expiresAtMs === undefined ? statedMs : expiresAtMs - nowMs;
  // A token that lives shorter than twice the margin is refreshed halfway.
  return lifetimeMs - Math.min(TOKEN_REFRESH_MARGIN_MS, Math.max(0, lifetimeMs) / 2);
}
