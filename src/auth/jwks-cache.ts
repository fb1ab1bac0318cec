import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { JWKSNoMatchingKey } from 'jose/errors';
import * as z from 'zod/mini';
import type { HttpResponse } from '../adapter-kit/index.ts';
import {
  JWKS_CHARACTERS_MAX,
  JWKS_COOLDOWN_MS,
  JWKS_FRESH_MS,
  JWKS_KEYS_MAX,
  JWKS_RETRY_MS,
  JWKS_SOURCES_MAX,
  JWKS_STALE_MS_MAX,
  JWKS_TIMEOUT_MS,
} from '../limits.ts';
import { isFailure, type Ports } from '../ports.ts';

/** Ports that fetch an issuer's keys. */
export type KeyPorts = Pick<Ports, 'send' | 'now'>;

/** The issuer's keys cannot be had, so that nothing can be said about its tokens now. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** The public keys of one issuer. */
export type KeySource = { readonly keyGetter: (ports: KeyPorts) => JWTVerifyGetKey };

/** The keys at a URL, the same for everybody who asks. */
export type KeySources = (url: string) => KeySource;

/**
 * Keeps what was fetched for longer than one version of the configuration lives, so that a reload
 * while an issuer is down shuts nobody out.
 */
export function createKeySources(): KeySources {
  const sources = new Map<string, KeySource>();
  return (url) => {
    const source = sources.get(url) ?? createKeySource(url);
    sources.delete(url);
    sources.set(url, source);
    for (const oldest of sources.keys()) {
      if (sources.size <= JWKS_SOURCES_MAX) break;
      sources.delete(oldest);
    }
    return source;
  };
}

type Keys = ReturnType<typeof createLocalJWKSet>;

/**
 * Keeps the keys at `url` for `JWKS_FRESH_MS`, and for `JWKS_STALE_MS_MAX` while newer ones cannot
 * be had. A key id that is not among them has them fetched again, but never more often than each
 * `JWKS_COOLDOWN_MS`, so that made-up tokens cannot make the gateway call the issuer.
 */
function createKeySource(url: string): KeySource {
  const { origin, pathname, search } = new URL(url);
  const path = pathname + search;
  let held: { readonly keys: Keys; readonly atMs: number } | undefined;
  let pending: Promise<void> | undefined;
  let triedMs = Number.NEGATIVE_INFINITY;
  let hasFailed = false;

  async function load({ now, send }: KeyPorts): Promise<void> {
    triedMs = now();
    const headers = { accept: 'application/jwk-set+json, application/json' };
    const answer = await send({ method: 'GET', origin, path, headers }, JWKS_TIMEOUT_MS);
    const keys = isFailure(answer) ? undefined : keysOf(answer);
    hasFailed = keys === undefined;
    if (keys !== undefined) held = { keys, atMs: now() };
  }

  /** One fetch at a time; one that should long have ended is not waited for. */
  function refresh(ports: KeyPorts): Promise<void> {
    const sinceMs = ports.now() - triedMs;
    if (pending !== undefined && sinceMs < 2 * JWKS_TIMEOUT_MS) return pending;
    if (sinceMs < (hasFailed ? JWKS_RETRY_MS : JWKS_COOLDOWN_MS)) return Promise.resolve();
    const started = load(ports).finally(() => {
      if (pending === started) pending = undefined;
    });
    pending = started;
    return started;
  }

  function usable(atMost: number, ports: KeyPorts): Keys | undefined {
    return held !== undefined && ports.now() - held.atMs < atMost ? held.keys : undefined;
  }

  return {
    keyGetter: (ports) => async (header, token) => {
      if (usable(JWKS_FRESH_MS, ports) === undefined) await refresh(ports);
      const keys = usable(JWKS_STALE_MS_MAX, ports);
      if (keys === undefined) throw new KeysUnavailable();
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof JWKSNoMatchingKey)) throw error;
        await refresh(ports);
        if (held !== undefined && held.keys !== keys) return held.keys(header, token);
        throw hasFailed ? new KeysUnavailable() : error;
      }
    },
  };
}

const keySetSchema = z.object({
  keys: z.array(z.looseObject({ kty: z.string() })).check(z.maxLength(JWKS_KEYS_MAX)),
});

function keysOf({ body, status }: HttpResponse): Keys | undefined {
  if (status !== 200 || body.length > JWKS_CHARACTERS_MAX) return undefined;
  try {
    return createLocalJWKSet(keySetSchema.parse(JSON.parse(body)));
  } catch {
    return undefined;
  }
}
