import type { ConfigSnapshot } from '../../config/snapshot.ts';
import { EXIT, readFlags, stop, stopWith } from '../command-line.ts';
import { loadFile } from '../config/load-config.ts';
import { routeLines } from './format-routes.ts';

const USAGE =
  'usage: npm run config:check -- FILE\n' +
  '  tells what is wrong with a configuration (exit code 78), or where it leads (0)';

/** `npm run config:check -- FILE`. References are followed as at a start, so they must be there. */
const { positionals } = readFlags({ allowPositionals: true, options: {} }, USAGE);
const [path, ...rest] = positionals;
if (path === undefined || rest.length > 0) stop(EXIT.usage, [USAGE]);
const read = await loadFile(path);
if (!read.ok) stopWith(read.problems);
const { gateway } = read;
const warnings = [...read.warnings, ...unused(gateway)];
const lines = [
  'routes, the first that fits decides:',
  '  target:id  -> the target that the id names',
  ...routeLines(gateway.effective).map((line) => `  ${line}`),
  ...(endsInAny(gateway) ? [] : ['  otherwise  -> 404 route_not_found']),
  `warnings: ${warnings.length === 0 ? 'none' : ''}`.trimEnd(),
  ...warnings.map((line) => `  ${line}`),
  `version: ${gateway.version}`,
];
process.stdout.write(`${lines.join('\n')}\n`);

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
