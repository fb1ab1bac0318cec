import type { Adapter, Digests } from '../contract/index.ts';
import { isLoopbackHost } from './access.ts';
import { readCallers } from './config-callers.ts';
import {
  createFindings,
  type Entries,
  type Findings,
  isMap,
  type Problem,
} from './config-findings.ts';
import { documentSchema, type Listen } from './config-schema.ts';
import { type Lookup, resolveReferences } from './config-secrets.ts';
import { readTargets } from './config-targets.ts';
import type { Gateway } from './gateway.ts';

export type { Problem } from './config-findings.ts';
export type { Listen } from './config-schema.ts';
export type { Lookup } from './config-secrets.ts';

export type ConfigurationOptions = {
  readonly adapters: readonly Adapter[];
  readonly lookup: Lookup;
  /** Unix milliseconds; kept by the targets for their credentials. */
  readonly now: () => number;
  readonly digests: Digests;
};

export type Configuration =
  | {
      readonly ok: true;
      readonly gateway: Gateway;
      readonly listen: Listen;
      readonly warnings: readonly string[];
    }
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Makes a gateway of a parsed document. All its problems are told at once, each with its path;
 * neither they nor the warnings quote a value, since any value may be a misplaced secret.
 */
export async function readConfiguration(
  document: unknown,
  { adapters, digests, lookup, now }: ConfigurationOptions,
): Promise<Configuration> {
  const { problems: unresolved, referenced, value } = resolveReferences(document, lookup);
  const findings = createFindings(unresolved, referenced);
  const { problems, warnings } = findings;
  const read = findings.check(documentSchema, value, '');
  if (!isMap(value)) return { ok: false, problems };

  // From here on each part is looked at as it was given, so that no mistake hides another.
  const { callers: entries, listen, routes } = value;
  const targets = readTargets(mapOf(value.targets), { adapters, now }, findings);
  const callers = isMap(entries) ? await readCallers(entries, digests, findings) : undefined;
  checkRoutes(routes, mapOf(value.targets), findings);
  if (entries === undefined) checkLoopback(listen, findings);
  if (problems.length > 0 || read === undefined) return { ok: false, problems };
  const defaultTarget = targets.get(read.routes.at(-1)?.to ?? '');
  return {
    ok: true,
    gateway: { adapters, targets, defaultTarget, callers },
    listen: read.listen,
    warnings,
  };
}

function mapOf(value: unknown): Entries {
  return isMap(value) ? value : {};
}

/** A route takes every id, so one that is not the last keeps the others from ever being used. */
function checkRoutes(routes: unknown, targets: Entries, findings: Findings): void {
  if (!Array.isArray(routes)) return;
  for (const [i, route] of routes.entries()) {
    const path = `routes.${i}`;
    const to = mapOf(route).to;
    if (typeof to === 'string' && !Object.hasOwn(targets, to)) {
      findings.report(`${path}.to`, 'names no target');
    }
    if (i < routes.length - 1) findings.report(path, 'takes every id: only the last route may');
  }
}

/** Everybody may call while there are no callers, so nobody from elsewhere may reach the gateway. */
function checkLoopback(listen: unknown, findings: Findings): void {
  const { host } = mapOf(listen);
  if (typeof host === 'string' && !isLoopbackHost(host)) {
    findings.report('listen.host', 'must be loopback while there are no callers');
  }
}
