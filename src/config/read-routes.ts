import { settingsPath } from '../adapter-kit/index.ts';
import { compilePattern } from '../routing/pattern.ts';
import type { Condition, Route } from '../routing/router.ts';
import { unreachableRoutes } from '../routing/unreachable.ts';
import type { Share } from '../routing/weighted-split.ts';
import type { Target } from '../upstream/target.ts';
import { type Diagnostics, type Entries, isMap, join } from './diagnostics.ts';
import { headerSchema, type RouteSettings, routeSchema } from './schema.ts';

export type RoutesOptions = {
  /** The targets of the document, also those that could not be opened. */
  readonly entries: Entries;
  readonly targets: ReadonlyMap<string, Target>;
  readonly hasLinks: boolean;
  readonly hasCallers: boolean;
};

/** The rules in their order; what cannot be applied is reported and left out. */
export function readRoutes(
  items: unknown,
  options: RoutesOptions,
  diagnostics: Diagnostics,
): Route[] {
  if (!Array.isArray(items)) return [];
  const routes = items.flatMap((item, i) => {
    const path = `routes.${i}`;
    reportUnknownTargets(item, path, options.entries, diagnostics);
    const settings = diagnostics.check(routeSchema(), item, path);
    return settings === undefined ? [] : readRoute(settings, path, options, diagnostics);
  });
  for (const [path, earlier] of unreachableRoutes(routes)) {
    diagnostics.warning(path, `is never used: ${earlier} takes all that it could`);
  }
  return routes;
}

function readRoute(
  settings: RouteSettings,
  path: string,
  { hasCallers, hasLinks, targets }: RoutesOptions,
  diagnostics: Diagnostics,
): Route[] {
  const { fallback = [], handling, match, split, to } = settings;
  if ((to === undefined) === (split === undefined)) {
    diagnostics.error(path, 'must have either to or split');
    return [];
  }
  const conditions = readConditions(match, path, diagnostics);
  if (match.caller !== undefined && !hasCallers) {
    diagnostics.warning(`${path}.match.caller`, 'never holds: there are no callers');
  }
  const named = split ?? [{ to: to ?? '', weight: 1 }];
  const shares = named.flatMap(({ to: name, weight }): Share<Target>[] => {
    const target = targets.get(name);
    return target === undefined ? [] : [{ target, weight }];
  });
  const spares = fallback.flatMap((name) => targets.get(name) ?? []);
  if (shares.length < named.length || spares.length < fallback.length) return [];
  const capture = conditions.find(({ pattern }) => pattern.capture !== undefined)?.pattern.capture;
  const route: Route = {
    path,
    conditions,
    capture,
    shares,
    linkedOnly: new Set(shares.map(({ target }) => target.idNamespace)).size > 1,
    strictHandling: handling === 'strict',
    fallback: spares,
  };
  checkSplit(route, hasLinks, diagnostics);
  checkFallback(route, diagnostics);
  return [route];
}

function readConditions(
  { caller, header = {}, id }: RouteSettings['match'],
  path: string,
  diagnostics: Diagnostics,
): Condition[] {
  const conditions: Condition[] = [];
  const add = (name: string, text: string, valueIn: Condition['valueIn']): void => {
    const pattern = compilePattern(text, name === 'id' ? 'id' : 'glob');
    conditions.push({ path: `match.${name}`, pattern, valueIn });
  };
  if (id !== undefined) add('id', id, (request) => request.id);
  const names = new Set<string>();
  for (const [written, text] of Object.entries(header)) {
    diagnostics.check(
      headerSchema(),
      written,
      join(path, settingsPath(['match', 'header', written])),
    );
    const name = written.toLowerCase();
    if (names.has(name)) diagnostics.error(`${path}.match.header`, 'has the same header twice');
    names.add(name);
    add(`header.${name}`, text, (request) => request.header(name));
  }
  if (caller !== undefined) add('caller', caller, (request) => request.caller);
  return conditions;
}

/** An id means a profile within one id namespace only; across them, links say what it means. */
function checkSplit(
  { capture, linkedOnly, path, shares }: Route,
  hasLinks: boolean,
  diagnostics: Diagnostics,
): void {
  if (shares.every(({ weight }) => weight === 0)) {
    diagnostics.error(join(path, 'split'), 'must have a weight above 0');
  }
  if (new Set(shares.map(({ target }) => target)).size < shares.length) {
    diagnostics.error(join(path, 'split'), 'names a target twice');
  }
  if (linkedOnly && !hasLinks) {
    diagnostics.error(join(path, 'split'), 'crosses id namespaces, which needs links');
  }
  if (linkedOnly && capture !== undefined) {
    const message =
      'captures an id for a split that crosses id namespaces, where only links can decide';
    diagnostics.error(join(path, 'match.id'), message);
  }
}

function checkFallback({ fallback, path, shares }: Route, diagnostics: Diagnostics): void {
  for (const [i, target] of fallback.entries()) {
    const at = join(path, `fallback.${i}`);
    if (shares.some((share) => share.target.idNamespace !== target.idNamespace)) {
      diagnostics.error(at, 'is of another id namespace, where the id means another profile');
    }
    const isTwice = fallback.indexOf(target) < i;
    const isOnly = shares.length === 1 && shares[0]?.target === target;
    if (isTwice || isOnly) diagnostics.error(at, 'names a target of the rule again');
  }
}

/** Also of a rule that cannot be read, so that no mistake hides another. */
function reportUnknownTargets(
  item: unknown,
  path: string,
  targets: Entries,
  diagnostics: Diagnostics,
): void {
  if (!isMap(item)) return;
  const named: [path: string, name: unknown][] = [[join(path, 'to'), item.to]];
  if (Array.isArray(item.split)) {
    for (const [i, share] of item.split.entries()) {
      if (isMap(share)) named.push([join(path, `split.${i}.to`), share.to]);
    }
  }
  if (Array.isArray(item.fallback)) {
    named.push(
      ...item.fallback.map((name, i): [string, unknown] => [join(path, `fallback.${i}`), name]),
    );
  }
  for (const [at, name] of named) {
    if (typeof name === 'string' && !Object.hasOwn(targets, name)) {
      diagnostics.error(at, 'names no target');
    }
  }
}
