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
import { type Document, documentSchema, type Listen, type Route } from './config-schema.ts';
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
  const resolved = resolveReferences(document, lookup);
  const findings = createFindings(resolved.problems, resolved.referenced);
  const { problems, warnings } = findings;
  findings.check(documentSchema, resolved.value, '');
  if (!isMap(resolved.value)) return { ok: false, problems };

  const { callers, listen, routes, targets } = readParts(resolved.value);
  const opened = readTargets(targets ?? {}, { adapters, now }, findings);
  const book = callers && (await readCallers(callers, digests, findings));
  if (targets !== undefined) checkRoutes(routes ?? [], targets, findings);
  const isOpenToAll = resolved.value.callers === undefined;
  if (isOpenToAll && listen !== undefined && !isLoopbackHost(listen.host)) {
    findings.report('listen.host', 'must be loopback while there are no callers');
  }
  if (problems.length > 0 || listen === undefined) return { ok: false, problems };
  const defaultTarget = opened.get(routes?.at(-1)?.to ?? '');
  const gateway = { adapters, targets: opened, defaultTarget, callers: book };
  return { ok: true, gateway, listen, warnings };
}

type Parts = { readonly [K in keyof Document]?: Document[K] | undefined };

/** Each part by itself, so that what is wrong in one does not keep the others from being checked. */
function readParts(document: Entries): Parts {
  const { callers, listen, routes, targets } = documentSchema.shape;
  return {
    listen: listen.safeParse(document.listen).data,
    targets: targets.safeParse(document.targets).data,
    routes: routes.safeParse(document.routes).data,
    callers: callers.safeParse(document.callers).data,
  };
}

/** A route takes every id, so one that is not the last keeps the others from ever being used. */
function checkRoutes(routes: readonly Route[], targets: Entries, findings: Findings): void {
  for (const [i, { to }] of routes.entries()) {
    const path = `routes.${i}`;
    if (!Object.hasOwn(targets, to)) findings.report(`${path}.to`, 'names no target');
    if (i < routes.length - 1) findings.report(path, 'takes every id: only the last route may');
  }
}
