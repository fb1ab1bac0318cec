import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createTestHarness, experimental_readRawConfig, type TestHarness } from 'wrangler';
import {
  createSandboxSet,
  type SandboxSet,
  sandboxConfiguration,
} from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { type Listening, listen } from '../../../src/node/http-server/server.ts';
import { close } from '../../support/gateway.ts';

process.env.WRANGLER_SEND_METRICS = 'false';
process.env.CLOUDFLARE_CF_FETCH_ENABLED = 'false';

/** The key of the one caller that `configurationFor` names. */
export const CALLER_KEY = 'key-of-the-portal-0001';
export const AUTHORIZED = { authorization: `Bearer ${CALLER_KEY}` };

export type RunningWorker = {
  readonly origin: string;
  /** All that the Worker has logged. */
  readonly logText: () => string;
  readonly stop: () => Promise<void>;
};

export type WorkerBindings = {
  readonly vars?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** What the namespace of the binding `CONFIG` holds. */
  readonly kv?: Readonly<Record<string, string>>;
  /** What the namespace of the binding `LINKS` holds. */
  readonly links?: Readonly<Record<string, string>>;
};

/** The project's folder. */
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const { rawConfig } = experimental_readRawConfig({ config: join(ROOT, 'wrangler.toml') });

/** The configuration that is deployed, with the bindings of a test. */
export function workerConfig({ kv, links, secrets, vars }: WorkerBindings) {
  const namespaces = { CONFIG: kv, LINKS: links };
  return {
    ...rawConfig,
    main: join(ROOT, 'src/workers/main.ts'),
    vars: { ...vars, ...secrets },
    kv_namespaces: Object.entries(namespaces).flatMap(([binding, held]) =>
      held === undefined ? [] : [{ binding, id: binding.toLowerCase() }],
    ),
  };
}

/** Workers in workerd, as wrangler builds them. */
export function createHarness(configs: readonly ReturnType<typeof workerConfig>[]): TestHarness {
  // Another root than the project's, whose `.dev.vars` would be read.
  const root = fileURLToPath(new URL('.', import.meta.url));
  return createTestHarness({ root, workers: configs.map((config) => ({ config })) });
}

/** The Worker as it is deployed; only the bindings are the test's. */
export async function startWorker(bindings: WorkerBindings): Promise<RunningWorker> {
  const harness = createHarness([workerConfig(bindings)]);
  const { url } = await harness.listen();
  type Namespaces = { CONFIG: KeyValues; LINKS: KeyValues };
  const { CONFIG, LINKS } = await harness.getWorker<Namespaces>().getEnv();
  for (const [key, value] of Object.entries(bindings.kv ?? {})) await CONFIG.put(key, value);
  for (const [key, value] of Object.entries(bindings.links ?? {})) await LINKS.put(key, value);
  const lines = (): string[] => harness.getLogs().map(({ message }) => String(message));
  return { origin: url.origin, logText: () => lines().join('\n'), stop: () => harness.close() };
}

type KeyValues = { readonly put: (key: string, value: string) => Promise<void> };

/** Sandboxes on a loopback port, outside of every Worker. */
export type RunningSandboxes = {
  readonly set: SandboxSet;
  readonly origin: string;
  readonly stop: () => Promise<void>;
};

type Serve = (request: Request) => Response | Promise<Response>;

export async function startSandboxes({
  around = (serve: Serve): Serve => serve,
  now = Date.now,
} = {}): Promise<RunningSandboxes> {
  const set = createSandboxSet(now, sandboxes);
  const listening: Listening = await listen(around(set.fetch), '127.0.0.1', 0);
  return { set, origin: listening.origin, stop: () => close(listening) };
}

/** The one caller, whose key comes from the secret `PORTAL_KEY`. */
export const callers: JsonObject = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: a reference of the configuration
  portal: { key: '${PORTAL_KEY}', scopes: ['profiles:read', 'profiles:write'] },
};

export function configurationFor({ origin, set }: RunningSandboxes): JsonObject {
  return { ...sandboxConfiguration(set, origin), callers };
}

/** What puts a Worker in front of sandboxes outside of it. */
export function bindingsFor(sandboxes: RunningSandboxes): WorkerBindings {
  return {
    vars: { GATEWAY_CONFIG: JSON.stringify(configurationFor(sandboxes)) },
    secrets: { PORTAL_KEY: CALLER_KEY },
  };
}

export function startWorkerBefore(sandboxes: RunningSandboxes): Promise<RunningWorker> {
  return startWorker(bindingsFor(sandboxes));
}
