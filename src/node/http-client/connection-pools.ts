import {
  CONNECTION_LIFE_MS,
  POOL_IDLE_MS,
  POOL_LOOK_MS,
  RESPONSE_HEADER_BYTES_MAX,
} from '../../limits.ts';
import type { Transport } from '../../ports.ts';
import { createConnector, withoutInformational } from './connector.ts';
import { type Proxies, proxyFor } from './proxy-environment.ts';
import { buildConnector, EnvHttpProxyAgent, Pool } from './undici-parts.ts';

/** Time for which an unused connection is kept, and at most where the target asks for longer. */
const POOL_KEEP_ALIVE_MS = 4_000;
const KEEP_ALIVE_MS_MAX = 60_000;
/** Most pools: as many as there are targets with an origin or two each. */
const POOLS_MAX = 16_384;

type Connections = Pool | EnvHttpProxyAgent;

/** The connections of one target to one origin. */
type Kept = {
  readonly connections: Connections;
  /** The host and port of the proxy by which the origin is reached. */
  readonly proxy: string | undefined;
  /** Requests that use them. */
  users: number;
  unusedSinceMs: number;
};

export type Pools = {
  /** The connections to `origin`; they stay open at least until `leave` is called, once. */
  readonly enter: (origin: string, transport: Transport) => Kept;
  readonly leave: (kept: Kept) => void;
  /** Origins that have connections of their own at present, once for each transport. */
  readonly count: () => number;
  readonly close: () => Promise<void>;
};

export type PoolsOptions = {
  readonly proxies: Proxies;
  /** Time for which an unused pool is kept, such as one of a target that is gone. */
  readonly idleMs?: number;
  /** Time after which a connection serves no further request. */
  readonly lifeMs?: number;
};

/**
 * Connections by target and origin, so that no target waits for those of another. A pool that
 * nobody has used for a while is closed: its target may be gone, or be reached another way now.
 */
export function createPools({
  idleMs = POOL_IDLE_MS,
  lifeMs = CONNECTION_LIFE_MS,
  proxies,
}: PoolsOptions): Pools {
  const pools = new Map<string, Map<string, Kept>>();
  let count = 0;

  const keptFor = (origin: string, transport: Transport): Kept => {
    const origins = pools.get(transport.id) ?? new Map<string, Kept>();
    const known = origins.get(origin);
    if (known !== undefined) return known;
    if (count >= POOLS_MAX) throw new Error('more origins than a configuration may name');
    const connections = connect(origin, transport, proxies, lifeMs);
    const via = proxyFor(origin, proxies);
    const proxy = via === undefined ? undefined : new URL(via).host;
    const kept = { connections, proxy, users: 0, unusedSinceMs: performance.now() };
    origins.set(origin, kept);
    pools.set(transport.id, origins);
    count += 1;
    return kept;
  };
  const look = (): void => {
    const beforeMs = performance.now() - idleMs;
    for (const [id, origins] of pools) {
      for (const [origin, { connections, unusedSinceMs, users }] of origins) {
        if (users > 0 || unusedSinceMs > beforeMs) continue;
        origins.delete(origin);
        count -= 1;
        connections.destroy().catch(() => {});
      }
      if (origins.size === 0) pools.delete(id);
    }
  };
  const looking = setInterval(look, Math.min(POOL_LOOK_MS, idleMs)).unref();

  return {
    count: () => count,
    enter: (origin, transport) => {
      const kept = keptFor(origin, transport);
      kept.users += 1;
      return kept;
    },
    leave: (kept) => {
      kept.users -= 1;
      if (kept.users === 0) kept.unusedSinceMs = performance.now();
    },
    close: async () => {
      clearInterval(looking);
      const all = [...pools.values()].flatMap((origins) => [...origins.values()]);
      pools.clear();
      count = 0;
      await Promise.all(all.map(({ connections }) => connections.destroy()));
    },
  };
}

/** Connects directly or through a proxy. */
function connect(
  origin: string,
  { ca, connectTimeoutMs, connectionsMax }: Transport,
  proxies: Proxies,
  lifeMs: number,
): Connections {
  const options = {
    // One request for each connection, so that it is known which of them a connection took.
    allowH2: false,
    pipelining: 1,
    connections: connectionsMax,
    connectTimeout: connectTimeoutMs,
    keepAliveTimeout: POOL_KEEP_ALIVE_MS,
    keepAliveMaxTimeout: KEEP_ALIVE_MS_MAX,
    maxHeaderSize: RESPONSE_HEADER_BYTES_MAX,
    clientTtl: lifeMs,
  };
  const trust = ca === undefined ? {} : { ca };
  const via = proxyFor(origin, proxies);
  if (via === undefined) {
    const connector = createConnector({ ...trust, timeout: connectTimeoutMs });
    return new Pool(origin, { ...options, connect: connector });
  }
  // An empty text keeps it from looking into the environment.
  const byScheme = origin.startsWith('https:')
    ? { httpProxy: '', httpsProxy: via }
    : { httpProxy: via, httpsProxy: '' };
  return new EnvHttpProxyAgent({
    ...options,
    ...byScheme,
    noProxy: proxies.except,
    connect: { ...trust, timeout: connectTimeoutMs },
    requestTls: { ...trust, timeout: connectTimeoutMs },
    clientFactory: (to, given) =>
      poolOf(to, { ...given, headersTimeout: connectTimeoutMs, connections: connectionsMax }),
    factory: poolOf,
  });
}

/** A pool of an agent, whose connections drop informational responses. */
function poolOf(to: string | URL, given: Pool.Options): Pool {
  const { connect } = given;
  const connector =
    typeof connect === 'function' ? connect : buildConnector({ ...connect, allowH2: false });
  return new Pool(to, { ...given, connect: withoutInformational(connector) });
}
