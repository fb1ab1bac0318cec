import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { JWKSNoMatchingKey } from 'jose/errors';
import * as z from 'zod/mini';
import { type HttpResponse, lazily } from '../adapter-kit/index.ts';
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
import { createLru } from '../state/lru.ts';
import { createSingleFlight } from '../state/single-flight.ts';

/** Ports that fetch an issuer's keys. */
export type KeyPorts = Pick<Ports, 'send' | 'now' | 'monotonicMs' | 'waitUntil'>;

/** The issuer's keys cannot be fetched, so its tokens can be neither accepted nor rejected. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
}

/** The public keys of one issuer. */
export type KeySource = {
  readonly keyGetter: (ports: KeyPorts) => JWTVerifyGetKey;
  /** Takes keys that another process has fetched, at `atMs` of the monotonic clock. */
  readonly offer: (text: string, atMs: number) => void;
};

/** Called with what an issuer has answered, where that was a set of keys. */
type OnFetched = (url: string, text: string) => void;

/** Returns the keys at a URL; the same source for the same URL. */
export type KeySources = (url: string) => KeySource;

/**
 * Creates a cache of key sources that outlives versions of the configuration, so that a reload
 * while an issuer is down rejects nobody.
 */
export function createKeySources(onFetched: OnFetched = () => {}): KeySources {
  const sources = createLru<KeySource>(JWKS_SOURCES_MAX);
  return (url) => {
    const known = sources.get(url);
    if (known !== undefined) return known;
    const source = createKeySource(url, onFetched);
    sources.set(url, source);
    return source;
  };
}

type Keys = ReturnType<typeof createLocalJWKSet>;

/**
 * Caches the keys at `url` for `JWKS_FRESH_MS`, and for `JWKS_STALE_MS_MAX` while newer ones are
 * fetched beside. An unknown key id waits for a fetch, but there is at most one per
 * `JWKS_COOLDOWN_MS`, so that forged tokens cannot flood the issuer.
 */
function createKeySource(url: string, onFetched: OnFetched): KeySource {
  const { origin, pathname, search } = new URL(url);
  const path = pathname + search;
  const fetches = createSingleFlight<void>();
  let cached: { readonly keys: Keys; readonly atMs: number } | undefined;
  let startedMs = Number.NEGATIVE_INFINITY;
  let endedMs = Number.NEGATIVE_INFINITY;
  let hasFailed = false;

  async function load({ monotonicMs, send }: KeyPorts): Promise<void> {
    startedMs = monotonicMs();
    const headers = { accept: 'application/jwk-set+json, application/json' };
    const answer = await send({ method: 'GET', origin, path, headers }, JWKS_TIMEOUT_MS);
    const keys = isFailure(answer) ? undefined : keysOf(answer);
    endedMs = monotonicMs();
    hasFailed = keys === undefined;
    if (keys === undefined || isFailure(answer)) return;
    cached = { keys, atMs: endedMs };
    onFetched(url, answer.body);
  }

  /** Fetches the keys, at most one fetch at a time and one per cooldown. */
  async function refresh(ports: KeyPorts): Promise<void> {
    const sinceMs = ports.monotonicMs() - endedMs;
    const isCoolingDown = sinceMs < (hasFailed ? JWKS_RETRY_MS : JWKS_COOLDOWN_MS);
    if (isCoolingDown && fetches.current() === undefined) return;
    await fetches.run(() => load(ports), leftMs(ports));
  }

  /** Twice the timeout: a fetch that runs longer belongs to a request that was stopped. */
  function leftMs({ monotonicMs }: KeyPorts): number {
    return Math.max(0, startedMs + 2 * JWKS_TIMEOUT_MS - monotonicMs());
  }

  function refreshBeside(ports: KeyPorts): void {
    if (fetches.current() !== undefined && leftMs(ports) > 0) return;
    const refreshed = refresh(ports);
    ports.waitUntil?.(refreshed);
  }

  function keysYoungerThan(ageMs: number, ports: KeyPorts): Keys | undefined {
    return cached !== undefined && ports.monotonicMs() - cached.atMs < ageMs
      ? cached.keys
      : undefined;
  }

  return {
    offer: (text, atMs) => {
      const keys = keysOf({ status: 200, body: text });
      if (keys === undefined || (cached !== undefined && cached.atMs >= atMs)) return;
      cached = { keys, atMs };
      hasFailed = false;
    },
    keyGetter: (ports) => async (header, token) => {
      if (keysYoungerThan(JWKS_STALE_MS_MAX, ports) === undefined) await refresh(ports);
      else if (keysYoungerThan(JWKS_FRESH_MS, ports) === undefined) refreshBeside(ports);
      const keys = keysYoungerThan(JWKS_STALE_MS_MAX, ports);
      if (keys === undefined) throw new KeysUnavailable();
      try {
        return await keys(header, token);
      } catch (error) {
        if (!(error instanceof JWKSNoMatchingKey)) throw error;
        await refresh(ports);
        if (cached !== undefined && cached.keys !== keys) return cached.keys(header, token);
        throw hasFailed ? new KeysUnavailable() : error;
      }
    },
  };
}

const keySetSchema = lazily(() =>
  z.object({
    keys: z.array(z.looseObject({ kty: z.string() })).check(z.maxLength(JWKS_KEYS_MAX)),
  }),
);

function keysOf({ body, status }: Pick<HttpResponse, 'body' | 'status'>): Keys | undefined {
  if (status !== 200 || body.length > JWKS_CHARACTERS_MAX) return undefined;
  try {
    return createLocalJWKSet(keySetSchema().parse(JSON.parse(body)));
  } catch {
    return undefined;
  }
}
