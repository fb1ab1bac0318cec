import type { Adapter, Digests, JsonObject } from '../adapter-kit/index.ts';
import { createKeySources, type KeySources } from '../auth/jwks-cache.ts';
import type { Links, OpenLinks } from '../routing/links.ts';
import { createRouter } from '../routing/router.ts';
import {
  type ConfigProblem,
  createDiagnostics,
  type Diagnostics,
  type Entries,
  isMap,
  warnOfSecret,
} from './diagnostics.ts';
import { effectiveDocument } from './effective-config.ts';
import { isLoopbackHost } from './loopback.ts';
import { readCallers } from './read-callers.ts';
import { readRoutes } from './read-routes.ts';
import { readTargets, type TargetsOptions } from './read-targets.ts';
import { resolveReferences, type VariableSource } from './references.ts';
import { findRenamed } from './renamed-keys.ts';
import { type AdminListen, type ConsoleSettings, documentSchema, type Listen } from './schema.ts';
import type { ConfigSnapshot } from './snapshot.ts';
import type { StateSettings } from './state-schema.ts';
import type { ReadCertificates } from './target-schema.ts';

export type { ConfigProblem } from './diagnostics.ts';
export type { VariableSource as Lookup } from './references.ts';
export type { AdminListen, ConsoleSettings, Listen } from './schema.ts';
export type { StateSettings } from './state-schema.ts';

export type ConfigurationOptions = {
  readonly adapters: readonly Adapter[];
  readonly lookup: VariableSource;
  /** Kept by the targets. */
  readonly clock: TargetsOptions['clock'];
  readonly digests: Digests;
  /** Absent where nothing can hold links. */
  readonly openLinks?: OpenLinks;
  /** False where the runtime has a state of its own. */
  readonly takesState?: boolean;
  /** State that outlives this version of the configuration; none by default. */
  readonly keysAt?: KeySources;
  /** The version before, whose targets hand on what they have learned. */
  readonly previous?: ConfigSnapshot | undefined;
  /** Absent where the runtime decides whom to trust. */
  readonly readCertificates?: ReadCertificates;
};

export type Configuration =
  | {
      readonly ok: true;
      readonly gateway: ConfigSnapshot;
      readonly listen: Listen;
      /** The listener of the operations, where they have one of their own. */
      readonly admin: AdminListen | undefined;
      readonly console: ConsoleSettings;
      /** Undefined: the state ends with the process. */
      readonly state: StateSettings | undefined;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Makes a gateway of a parsed document. All its problems are reported at once, each with its path;
 * neither they nor the warnings quote a value, since any value may be a misplaced secret.
 */
export async function readConfiguration(
  document: unknown,
  options: ConfigurationOptions,
): Promise<Configuration> {
  const { adapters, digests, keysAt = createKeySources(), clock, lookup, openLinks } = options;
  const resolved = resolveReferences(document, lookup);
  const { referenced } = resolved;
  const { problems: renamed, value } = findRenamed(resolved.value);
  const diagnostics = createDiagnostics([...resolved.problems, ...renamed], referenced);
  const { problems, warnings } = diagnostics;
  const read = diagnostics.check(documentSchema(), value, '');
  if (!isMap(value)) return { ok: false, problems };

  // From here on each part is looked at as it was given, so that no mistake hides another.
  const { callers: entries, listen } = value;
  const targetEntries = mapOf(value.targets);
  const previous = options.previous?.targets;
  const known = { adapters, clock, previous, readCertificates: options.readCertificates };
  const targets = readTargets(targetEntries, known, diagnostics);

  const context = { adapters, digests, keysAt, targets: Object.keys(targetEntries) };
  const callers = isMap(entries) ? await readCallers(entries, context, diagnostics) : undefined;
  const links = await readLinks(value.links, openLinks, Object.keys(targetEntries), diagnostics);
  const routes = readRoutes(
    value.routes,
    {
      entries: targetEntries,
      targets,
      hasLinks: value.links !== undefined,
      hasCallers: entries !== undefined,
    },
    diagnostics,
  );
  if (value.state !== undefined && options.takesState === false) {
    diagnostics.error('state', 'is for Node: Workers keep their state in Durable Objects');
  }
  const sessionKey = mapOf(value.console).sessionKey;
  if (typeof sessionKey === 'string') warnOfSecret(diagnostics, 'console.sessionKey', sessionKey);
  if (entries === undefined) {
    checkLoopback(listen, 'listen.host', diagnostics);
    checkLoopback(value.admin, 'admin.host', diagnostics);
    checkOrigins(read?.cors?.origins ?? [], diagnostics);
  }
  if (problems.length > 0 || read === undefined) return { ok: false, problems };
  const router = createRouter(routes);
  const shown = { document: value, listen: read.listen, targets, referenced };
  const effective = effectiveDocument(shown);
  const version = await versionOf(effective, links, digests);
  const made = { version, loadedAtMs: clock.now(), effective };
  return {
    ok: true,
    gateway: {
      adapters,
      targets,
      router,
      links,
      callers,
      corsOrigins: read.cors && new Set(read.cors.origins),
      hasDocs: read.docs,
      logLevel: read.logLevel,
      ...made,
    },
    listen: read.listen,
    admin: read.admin,
    console: read.console,
    state: read.state,
    warnings,
  };
}

const VERSION_DIGITS = 16;

/**
 * A hash of what `/admin/config` shows, and of the links. Secrets do not go into it: a hash beside
 * everything else that was hashed would let short ones be guessed.
 */
async function versionOf(
  effective: JsonObject,
  links: Links | undefined,
  digests: Digests,
): Promise<string> {
  const hash = await digests.sha256Hex(JSON.stringify([effective, links?.digest ?? null]));
  return hash.slice(0, VERSION_DIGITS);
}

async function readLinks(
  source: unknown,
  open: OpenLinks | undefined,
  targets: readonly string[],
  diagnostics: Diagnostics,
): Promise<Links | undefined> {
  if (typeof source !== 'string' || source === '') return undefined;
  if (open === undefined) {
    diagnostics.error('links', 'cannot be kept here');
    return undefined;
  }
  const opened = await open(source, targets);
  if (opened.ok) return opened.links;
  for (const problem of opened.problems) diagnostics.error('links', problem);
  return undefined;
}

function mapOf(value: unknown): Entries {
  return isMap(value) ? value : {};
}

/** Everybody may call while there are no callers, so only this machine may reach the gateway. */
function checkLoopback(listen: unknown, path: string, diagnostics: Diagnostics): void {
  const { host } = mapOf(listen);
  if (typeof host === 'string' && !isLoopbackHost(host)) {
    diagnostics.error(path, 'must be loopback while there are no callers');
  }
}

/** Pages from elsewhere are rejected while there are no callers, whatever their origin. */
function checkOrigins(origins: readonly string[], diagnostics: Diagnostics): void {
  for (const [i, origin] of origins.entries()) {
    if (!isLoopbackHost(URL.parse(origin)?.hostname ?? '')) {
      diagnostics.error(`cors.origins.${i}`, 'must be loopback while there are no callers');
    }
  }
}
