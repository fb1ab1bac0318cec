import { own } from '../../adapter-kit/index.ts';
import type { ConfigSnapshot } from '../../config/snapshot.ts';
import { EXIT, readFlags, stop, stopWith, usageOf } from '../command-line.ts';
import { loadFile } from '../config/load-config.ts';
import { routeLines } from './format-routes.ts';

export const help = `usage: profile-gateway check FILE [--json]

Reads a configuration as serve does and prints its problems, or its routes and warnings.
References are resolved, so the variables and files that it names must be there.

  --json      print {problems, warnings, routes, version} as JSON, without version where there
              are problems; a problem is {path, message}
  -h, --help  print this text

exit codes:
   0  the configuration can be used; there may be warnings
  64  wrong arguments
  78  the configuration cannot be used; every problem is printed with its path`;

export async function run(args: readonly string[]): Promise<void> {
  const { positionals, values } = readFlags(
    {
      args: [...args],
      allowPositionals: true,
      options: { json: { type: 'boolean', default: false } },
    },
    usageOf(help),
  );
  const [path, ...rest] = positionals;
  if (path === undefined || rest.length > 0) return stop(EXIT.usage, [usageOf(help)]);
  const read = await loadFile(path);
  if (values.json) {
    process.exitCode = read.ok ? 0 : EXIT.configuration;
    const report = read.ok ? reportOf(read) : { problems: read.problems, warnings: [], routes: [] };
    process.stdout.write(`${JSON.stringify(report, undefined, 2)}\n`);
  } else if (read.ok) {
    process.stdout.write(
      linesOf(read)
        .map((line) => `${line}\n`)
        .join(''),
    );
  } else {
    stopWith(read.problems);
  }
}

type Usable = { readonly gateway: ConfigSnapshot; readonly warnings: readonly string[] };

function reportOf(read: Usable) {
  const { effective, version } = read.gateway;
  const routes = own(effective, 'routes') ?? [];
  const sharedLocks = sharedLocksOf(read.gateway);
  return { problems: [], warnings: warningsOf(read), routes, sharedLocks, version };
}

function linesOf(read: Usable): string[] {
  const { gateway } = read;
  const warnings = warningsOf(read);
  return [
    'routes, the first that fits decides:',
    '  target:id  -> the target that the id names',
    ...routeLines(gateway.effective).map((line) => `  ${line}`),
    ...(endsInAny(gateway) ? [] : ['  otherwise  -> 404 route_not_found']),
    ...sharedLocksOf(gateway).map((names) => `one lock for the profiles of: ${names.join(', ')}`),
    `warnings: ${warnings.length === 0 ? 'none' : ''}`.trimEnd(),
    ...warnings.map((line) => `  ${line}`),
    `version: ${gateway.version}`,
  ];
}

/** Targets that reach one account, or share an id namespace: their writes wait for each other. */
function sharedLocksOf({ targets }: ConfigSnapshot): string[][] {
  const groups = Map.groupBy(targets.values(), ({ writeNamespace }) => writeNamespace);
  const shared = [...groups.values()].filter((group) => group.length > 1);
  return shared.map((group) => group.map(({ name }) => name));
}

function warningsOf({ gateway, warnings }: Usable): string[] {
  return [...warnings, ...unused(gateway)];
}

function endsInAny({ router }: ConfigSnapshot): boolean {
  return router.routes.some(({ conditions }) => conditions.length === 0);
}

/** Targets that no rule leads to, where there are rules. */
function unused({ router, targets }: ConfigSnapshot): string[] {
  if (router.routes.length === 0) return [];
  const used = new Set(
    router.routes.flatMap(({ fallback, shares }) => [
      ...fallback,
      ...shares.flatMap(({ target, weight }) => (weight > 0 ? [target] : [])),
    ]),
  );
  return [...targets.values()]
    .filter((target) => !used.has(target))
    .map(({ name }) => `targets.${name}: no rule leads here, only ids that name it`);
}
