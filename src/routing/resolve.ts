import {
  type Fault,
  fail,
  type MaybePromise,
  ownFault,
  type Result,
  succeed,
} from '../adapter-kit/index.ts';
import type { Target } from '../upstream/target.ts';
import { type Link, LinksUnavailable } from './links.ts';
import type { Route, RouteRequest, RoutingTable } from './router.ts';
import { chooseShare } from './weighted-split.ts';

/** The same for a target that is not there: it names none. */
export function foreignTarget(): Fault {
  return ownFault('forbidden', 'The caller is not allowed to use the target of this request.');
}

/** Result of resolving an id: the target, and the upstream id there. */
export type Resolved = {
  readonly target: Target;
  readonly upstreamId: string;
  /** The rule that decided, `routes.0`; undefined where the id names its target itself. */
  readonly rule: string | undefined;
  /** See `Route`. */
  readonly strictHandling: boolean;
  readonly fallback: readonly Target[];
  /** Version of the links by which it was resolved, where others may change them meanwhile. */
  readonly linksVersion?: number | undefined;
};

/**
 * `target:upstreamId` names the target itself, and an unknown one never falls through to a rule.
 * Any other id goes where the first rule sends it whose conditions all hold: 404 `route_not_found`
 * where none does, and never on to another rule because of what follows. A linked id is called what
 * its link says: 404 `link_not_found` where the link leaves the target out. An id without a link is
 * called what the rule captures, else the same. An id that cannot exist at its target is refused
 * here. A promise comes only from links that are kept elsewhere.
 */
export function resolve(
  request: RouteRequest,
  { links, router, targets }: RoutingTable,
): MaybePromise<Result<Resolved>> {
  const { id, mayUse = mayUseAll } = request;
  const colon = id.indexOf(':');
  if (colon >= 0) {
    const name = id.slice(0, colon);
    // By the name alone, so that it does not show which of the others are there.
    if (!mayUse(name)) return fail(foreignTarget());
    const target = targets.get(name);
    if (target !== undefined) return resolveDirect(target, id.slice(colon + 1));
    return fail(
      ownFault('unknown_target', 'The part of the id before the ":" is not the name of a target.'),
    );
  }
  const route = router.find(request);
  const target = route === undefined ? undefined : chooseShare(route.shares, id);
  if (route === undefined || target === undefined) {
    return fail(ownFault('route_not_found', 'No route matches the id.'));
  }
  if (!mayUse(target.name)) return fail(foreignTarget());
  const version = links?.changes?.version();
  const link = links?.find(id);
  if (link instanceof Promise)
    return link.then(
      (found) => resolveByRoute(route, target, request, found, version),
      linksFailed,
    );
  return resolveByRoute(route, target, request, link, version);
}

/** Reports whether an id resolves to a profile at exactly this target. */
export async function resolvesTo(
  request: RouteRequest,
  table: RoutingTable,
  {
    target,
    upstreamId,
  }: Pick<Resolved, 'upstreamId'> & {
    readonly target: Pick<Target, 'name'>;
  },
): Promise<boolean> {
  const found = await resolve(request, table);
  if (!found.ok) return false;
  return found.value.target.name === target.name && found.value.upstreamId === upstreamId;
}

/** Returns the key of a profile, the same at all targets that reach it. */
export function profileKey({
  target,
  upstreamId,
}: Pick<Resolved, 'upstreamId'> & {
  readonly target: Pick<Target, 'writeNamespace'>;
}): string {
  return `${target.writeNamespace}\n${upstreamId}`;
}

/** Reports whether a key is one that creates wait under, which no profile has. */
export function isCreateKey(key: string): boolean {
  return key.includes('\n\n');
}

const NO_TARGETS: readonly Target[] = [];

function mayUseAll(): boolean {
  return true;
}

function resolveDirect(target: Target, upstreamId: string): Result<Resolved> {
  const fallback = NO_TARGETS;
  return validateUpstreamId({
    target,
    upstreamId,
    rule: undefined,
    strictHandling: false,
    fallback,
    linksVersion: undefined,
  });
}

function resolveByRoute(
  route: Route,
  target: Target,
  { id, mayUse = mayUseAll }: RouteRequest,
  link: Link | undefined,
  linksVersion: number | undefined,
): Result<Resolved> {
  const { path: rule, strictHandling } = route;
  const upstreamId = upstreamIdAt(route, target, id, link);
  if (upstreamId === undefined) {
    const detail = `The id has no link at the target ${target.name}.`;
    return fail(ownFault('link_not_found', detail));
  }
  const fallback =
    route.fallback.length === 0 ? NO_TARGETS : route.fallback.filter(({ name }) => mayUse(name));
  const resolved = { target, upstreamId, rule, strictHandling, fallback, linksVersion };
  return validateUpstreamId(resolved);
}

function linksFailed(error: unknown): Result<never> {
  if (!(error instanceof LinksUnavailable)) throw error;
  return fail(linksUnread());
}

/** Returns the fault of a request that needs links which cannot be read. */
export function linksUnread(): Fault {
  const detail = 'The links cannot be read now.';
  return ownFault('not_configured', detail, { retryAfterSeconds: 1 });
}

/** Returns the upstream id at the chosen target; undefined where only a link could give it. */
function upstreamIdAt(
  { capture, linkedOnly }: Route,
  target: Target,
  id: string,
  link: Link | undefined,
): string | undefined {
  if (link !== undefined) return link.get(target.name);
  if (linkedOnly) return undefined;
  return capture === undefined ? id : capture(id);
}

function validateUpstreamId(resolved: Resolved): Result<Resolved> {
  const { target, upstreamId } = resolved;
  const expected = target.connection.validateId(upstreamId);
  if (expected === undefined) return succeed(resolved);
  const detail = `An id at the target ${target.name} is ${expected}.`;
  return fail(ownFault('invalid_id', detail));
}
