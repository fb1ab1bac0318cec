import { adapters } from '../../adapters/index.ts';
import { createKeySources } from '../auth/jwks-cache.ts';
import { type ConfigProblem, readConfiguration } from '../config/read-config.ts';
import type { ConfigSnapshot, RejectedReload } from '../config/snapshot.ts';
import { systemClock } from '../state/clock.ts';
import type { LogRecord } from '../telemetry/log.ts';
import { type Environment, hashKeyProblem, textBinding } from './bindings.ts';
import type { Fetch } from './fetch-client.ts';
import { openLinksBinding } from './kv-links.ts';
import { createWebDigests } from './web-crypto-digests.ts';

/** Time for which an isolate uses a configuration before it looks for a newer one. */
const CONFIGURATION_AGE_MS_MAX = 30_000;

/** The keys of issuers, for every version of the configuration. */
const keySources = createKeySources();

/** The configuration of this isolate: a cache that every request may rebuild. */
let loaded: { text: string; gateway: ConfigSnapshot | undefined; atMs: number } | undefined;

/** The version that was rejected while an older one serves on. */
let rejectedReload: RejectedReload | undefined;

export function lastRejectedReload(): RejectedReload | undefined {
  return rejectedReload;
}

export const digests = createWebDigests();

/**
 * The gateway this environment configures; undefined when there is none that may serve. One that
 * serves is kept until there is a newer one that may.
 */
export async function loadGateway(
  environment: Environment,
  log: (record: LogRecord) => void,
): Promise<ConfigSnapshot | undefined> {
  const nowMs = systemClock.monotonicMs();
  if (loaded !== undefined) {
    if (nowMs - loaded.atMs < CONFIGURATION_AGE_MS_MAX) return loaded.gateway;
    // While one request looks, the others go on with what there is.
    loaded.atMs = nowMs;
  }
  const text = await configurationText(environment, log);
  if (text === undefined || text === loaded?.text) return loaded?.gateway;
  const problems: ConfigProblem[] = [];
  const gateway = await open(text, environment, log, problems);
  // Requests that began together work with one gateway: the first that was opened.
  if (text !== loaded?.text) {
    rejectedReload = gateway === undefined ? { atMs: Date.now(), problems } : undefined;
    loaded = { text, gateway: gateway ?? loaded?.gateway, atMs: nowMs };
  }
  return loaded.gateway;
}

/** Requests leave through this: to the sandboxes where they are asked for, else to the network. */
export function outward(environment: Environment): Fetch {
  return async (request) => {
    const sandbox = await sandboxOf(environment);
    return sandbox?.answers(request) === true ? sandbox.sandboxFetch(request) : fetch(request);
  };
}

/** The sandboxes, in development only: the condition is a constant in what wrangler deploys. */
async function sandboxOf({ SANDBOX }: Environment) {
  if (process.env.NODE_ENV !== 'production') {
    return SANDBOX === '1' ? await import('./sandbox.ts') : undefined;
  }
  return undefined;
}

/** The configuration as JSON, empty when there is none; undefined when it cannot be read now. */
async function configurationText(
  environment: Environment,
  log: (record: LogRecord) => void,
): Promise<string | undefined> {
  const { CONFIG, GATEWAY_CONFIG } = environment;
  if (GATEWAY_CONFIG !== undefined) return GATEWAY_CONFIG;
  try {
    const text = await CONFIG?.get('config');
    return text ?? (await sandboxOf(environment))?.sandboxDocument() ?? '';
  } catch {
    log({ level: 'error', event: 'configuration', message: 'the binding CONFIG cannot be read' });
    return undefined;
  }
}

/** Every problem is logged, and added to `problems`. */
async function open(
  text: string,
  environment: Environment,
  log: (record: LogRecord) => void,
  problems: ConfigProblem[],
): Promise<ConfigSnapshot | undefined> {
  const refuse = (message: string, path = ''): undefined => {
    problems.push({ path, message });
    const line = path === '' ? message : `${path}: ${message}`;
    log({ level: 'error', event: 'configuration', message: line });
    return undefined;
  };
  const hashKey = hashKeyProblem(environment);
  if (hashKey !== undefined) return refuse(hashKey);
  if (text === '') return refuse('set GATEWAY_CONFIG, or the key "config" of the binding CONFIG');
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return refuse('the configuration is not JSON');
  }
  const lookup = { environment: (name: string) => textBinding(environment, name) };
  const read = await readConfiguration(document, {
    adapters,
    lookup,
    clock: systemClock,
    digests,
    keysAt: keySources,
    previous: loaded?.gateway,
    takesState: false,
    openLinks: async (source) => openLinksBinding(environment, source),
  });
  if (!read.ok) {
    for (const { message, path } of read.problems) refuse(message, path);
    return undefined;
  }
  for (const message of read.warnings) log({ level: 'warn', event: 'configuration', message });
  if (read.gateway.callers === undefined && (await sandboxOf(environment)) === undefined) {
    return refuse('a Worker serves nobody without callers');
  }
  return read.gateway;
}
