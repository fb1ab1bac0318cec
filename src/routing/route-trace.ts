import { ROUTE_STEPS_MAX } from '../limits.ts';
import type { Link } from './links.ts';
import {
  applies,
  type Condition,
  holds,
  type Route,
  type RouteRequest,
  type RoutingTable,
} from './router.ts';
import { chooseShare } from './weighted-split.ts';

/** One rule that was looked at for an id, with the reason why it did or did not decide. */
export type RouteStep = {
  readonly rule: string;
  readonly matched: boolean;
  readonly reason: string;
};

/**
 * Lists the steps of `resolve` in order, up to the one that decides. Rules are named by their
 * places, and nothing they ask for is quoted, since any of it may come from a reference. Of more
 * than `ROUTE_STEPS_MAX` rules that do not match, the rest is counted.
 */
export async function traceRoute(
  request: RouteRequest,
  { links, router, targets }: RoutingTable,
): Promise<RouteStep[]> {
  const { id } = request;
  const direct = 'target:upstreamId';
  const colon = id.indexOf(':');
  if (colon >= 0) {
    const matched = targets.has(id.slice(0, colon));
    const reason = matched
      ? 'the id names the target'
      : 'the id has a ":", and no target that name';
    return [{ rule: direct, matched, reason }];
  }
  const steps = [{ rule: direct, matched: false, reason: 'the id has no ":"' }];
  const decisive = router.routes.findIndex((route) => applies(route, request));
  const passed = decisive < 0 ? router.routes : router.routes.slice(0, decisive);
  for (const route of passed.slice(0, ROUTE_STEPS_MAX)) {
    steps.push({ rule: route.path, matched: false, reason: mismatchReason(route, request) });
  }
  const rest = passed.length - ROUTE_STEPS_MAX;
  if (rest > 0) steps.push({ rule: 'routes', matched: false, reason: `${rest} more do not match` });
  const route = router.routes[decisive];
  if (route === undefined) {
    const reason = router.routes.length === 0 ? 'there are none' : 'none of them matches';
    return [...steps, { rule: 'routes', matched: false, reason }];
  }
  steps.push({ rule: route.path, matched: true, reason: matchReason(route, id) });
  steps.push(naming(route, id, await links?.find(id)));
  return steps;
}

function mismatchReason({ conditions }: Route, request: RouteRequest): string {
  const failed = conditions.find((condition) => !holds(condition, request));
  if (failed === undefined) return 'its conditions hold';
  return `${failed.path} does not hold${isMissing(failed, request) ? MISSING : ''}`;
}

const MISSING = ': the request has no such value';

function isMissing({ valueIn }: Condition, request: RouteRequest): boolean {
  return valueIn(request) === undefined;
}

function matchReason({ conditions, shares }: Route, id: string): string {
  const paths = conditions.map(({ path }) => path).join(', ');
  const verb = conditions.length === 1 ? 'holds' : 'hold';
  const reason = conditions.length === 0 ? 'it has no conditions' : `${paths} ${verb}`;
  const name = chooseShare(shares, id)?.name;
  if (shares.length === 1) return `${reason}; it goes to ${name}`;
  const weights = shares.map(({ target, weight }) => `${target.name} ${weight}`).join(', ');
  return `${reason}; of the split ${weights} the id falls to ${name}`;
}

/** Returns the origin of the upstream id. */
function naming(route: Route, id: string, link: Link | undefined): RouteStep {
  const target = chooseShare(route.shares, id)?.name ?? '';
  if (link !== undefined) {
    const matched = link.has(target);
    return {
      rule: 'links',
      matched,
      reason: `the id has ${matched ? 'a' : 'no'} link at ${target}`,
    };
  }
  if (route.linkedOnly) {
    const reason = 'the id has no link, and the split crosses id namespaces';
    return { rule: 'links', matched: false, reason };
  }
  return route.capture === undefined
    ? { rule: 'id', matched: true, reason: 'the id has no link: it is the upstream id itself' }
    : { rule: `${route.path}.match.id`, matched: true, reason: 'the upstream id is captured' };
}
