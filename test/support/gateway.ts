import { createSandbox as createIamSandbox } from '../../adapters/iam/sandbox/index.ts';
import { adapters } from '../../adapters/index.ts';
import { createSandboxSet, type SandboxSet } from '../../adapters/sandbox-kit/host.ts';
import type { Sandbox } from '../../adapters/sandbox-kit/sandbox.ts';
import { sandboxes as factories } from '../../adapters/sandboxes.ts';
import type { Json, JsonObject } from '../../src/adapter-kit/index.ts';
import { readConfiguration } from '../../src/config/read-config.ts';
import type { ConfigSnapshot } from '../../src/config/snapshot.ts';
import { createApp } from '../../src/http/app.ts';
import { nodeDigests } from '../../src/node/digests.ts';
import { createUndiciSend } from '../../src/node/http-client/send.ts';
import { headersOfIncoming, readIncoming } from '../../src/node/http-server/incoming-message.ts';
import { type Listening, listen, type Patience } from '../../src/node/http-server/server.ts';
import type { NodeSignals } from '../../src/node/ports.ts';
import type { Ports } from '../../src/ports.ts';
import type { Clock } from '../../src/state/clock.ts';
import { createMemoryState } from '../../src/state/local-state.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import type { Target } from '../../src/upstream/target.ts';
import { clockOf } from './clock.ts';

/** Where a second IAM answers, whose tokens are as long as its front end lets any header be. */
export const LONG_TOKEN_FOLDER = 'iam-long';
const LONG_TOKEN_CHARACTERS = 32 * 1024;

/** A target's part of a configuration, given where the sandboxes listen. */
export type TargetSettings = (sandboxOrigin: string) => JsonObject;

export type GatewayOptions = {
  /** The `callers` part of a configuration. */
  readonly callers?: JsonObject;
  /** The `cors` part of a configuration. */
  readonly cors?: JsonObject;
  /** Targets beside the demos of the sandboxes. */
  readonly targets?: Readonly<Record<string, TargetSettings>>;
  /** Where ids go that name no target. */
  readonly defaultTarget?: string;
  /** The `routes` part of a configuration. */
  readonly routes?: readonly JsonObject[];
  /** What ids are called at each target. */
  readonly links?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly deadlineMs?: number;
  /** The `logLevel` part of a configuration. */
  readonly logLevel?: string;
  /** What else may be seen of the gateway. */
  readonly signals?: NodeSignals;
  /** How long callers may take to send a request. */
  readonly patience?: Patience;
};

/** A request that reached the sandboxes. */
export type UpstreamRequest = {
  readonly method: string;
  readonly path: string;
  readonly status: number;
};

/** A gateway on a loopback port in front of sandboxes on another one. */
export type RunningGateway = {
  readonly origin: string;
  readonly sandboxOrigin: string;
  readonly targets: ReadonlyMap<string, Target>;
  readonly logs: readonly LogRecord[];
  /** Every request that reached the sandboxes, in the order of their answers. */
  readonly upstream: readonly UpstreamRequest[];
  readonly sandbox: (folder: string) => Sandbox;
  /** Lets time pass for the gateway and the sandboxes. */
  readonly advance: (ms: number) => void;
  /** Makes the sandboxes hold every request until the returned function is called. */
  readonly holdUpstream: () => () => void;
  /** Serves another configuration from the next request on. */
  readonly reload: (options: GatewayOptions) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/** How Node reads requests. */
const REQUEST_PORTS = { readChunks: readIncoming, headersOf: headersOfIncoming };

export async function startGateway(options: GatewayOptions = {}): Promise<RunningGateway> {
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const set = createSandboxSet(now, factories);
  const long = longTokenSandbox(set, now);
  const upstream: UpstreamRequest[] = [];
  let held: Promise<void> | undefined;

  const sandboxes = await listen(
    async (request) => {
      if (held !== undefined) await held;
      const { pathname, search } = new URL(request.url);
      const isLong = pathname.startsWith(`/${LONG_TOKEN_FOLDER}/`);
      const answer = await (isLong ? long : set).fetch(request);
      upstream.push({ method: request.method, path: pathname + search, status: answer.status });
      return answer;
    },
    '127.0.0.1',
    0,
  );
  const load = (wanted: GatewayOptions): Promise<ConfigSnapshot> =>
    openGateway(documentFor(set, sandboxes.origin, wanted), wanted, clockOf(now));
  let gateway = await load(options);
  const transport = createUndiciSend();
  const logs: LogRecord[] = [];
  const ports: Ports = {
    send: transport.send,
    ...REQUEST_PORTS,
    ...clockOf(now),
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    digests: nodeDigests,
    state: createMemoryState(clockOf(now).monotonicMs),
    // As a line of it would be read: members without a value are not in it.
    log: (record) => logs.push(JSON.parse(JSON.stringify(record))),
    deadlineMs: options.deadlineMs ?? 30_000,
    ...options.signals,
  };
  const app = createApp({ adapters, ports, gateway: () => gateway });
  const front = await listen(app.fetch, '127.0.0.1', 0, { patience: options.patience });

  return {
    origin: front.origin,
    sandboxOrigin: sandboxes.origin,
    targets: gateway.targets,
    logs,
    upstream,
    sandbox: (folder) => (folder === LONG_TOKEN_FOLDER ? long : found(set.byFolder.get(folder))),
    advance: (ms) => {
      aheadMs += ms;
    },
    holdUpstream: () => {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return () => {
        held = undefined;
        resolve();
      };
    },
    reload: async (wanted) => {
      gateway = await load(wanted);
    },
    stop: async () => {
      await close(front);
      await transport.close();
      await close(sandboxes);
    },
  };
}

/** Runs `use` with a gateway of its own. */
export async function withGateway(
  options: GatewayOptions,
  use: (gateway: RunningGateway) => Promise<void>,
): Promise<void> {
  const gateway = await startGateway(options);
  try {
    await use(gateway);
  } finally {
    await gateway.stop();
  }
}

function documentFor(set: SandboxSet, origin: string, options: GatewayOptions): JsonObject {
  const targets: [string, Json][] = set.demos.map((demo) => [
    demo.target,
    demo.configuration(origin),
  ]);
  for (const [name, settings] of Object.entries(options.targets ?? {})) {
    targets.push([name, settings(origin)]);
  }
  return {
    version: 1,
    targets: Object.fromEntries(targets),
    ...(options.callers === undefined ? {} : { callers: options.callers }),
    ...(options.cors === undefined ? {} : { cors: options.cors }),
    ...(options.defaultTarget === undefined ? {} : { routes: [{ to: options.defaultTarget }] }),
    ...(options.routes === undefined ? {} : { routes: options.routes }),
    ...(options.logLevel === undefined ? {} : { logLevel: options.logLevel }),
    ...(options.links === undefined ? {} : { links: 'links of the test' }),
  };
}

/** The gateway of a configuration document; throws when the document cannot be used. */
async function openGateway(
  document: JsonObject,
  { links = {} }: GatewayOptions,
  clock: Clock,
): Promise<ConfigSnapshot> {
  const lookup = { environment: () => undefined };
  const linked = new Map(
    Object.entries(links).map(([id, at]) => [id, new Map(Object.entries(at))]),
  );
  const read = await readConfiguration(document, {
    adapters,
    lookup,
    clock,
    digests: nodeDigests,
    openLinks: async () => ({ ok: true, links: { find: (id) => linked.get(id) } }),
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return read.gateway;
}

function longTokenSandbox(set: SandboxSet, now: () => number): Sandbox {
  return createIamSandbox({
    basePath: `/${LONG_TOKEN_FOLDER}`,
    now,
    peer: (folder) => found(set.byFolder.get(folder)),
    tokenCharacters: LONG_TOKEN_CHARACTERS,
  });
}

/** The value of something that the test knows to be there. */
export function found<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('something that must be there is not');
  return value;
}

export function close({ server }: Listening): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
}
