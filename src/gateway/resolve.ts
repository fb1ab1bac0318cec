import { fail, type Result, succeed } from '../contract/index.ts';
import type { Gateway } from './gateway.ts';
import { ownFault } from './problem.ts';
import type { Target } from './target.ts';

/** Where a caller's id leads: the target, and what the profile is called there. */
export type Resolved = { readonly target: Target; readonly upstreamId: string };

/**
 * `target:upstreamId` names the target itself, and an unknown one never falls through to a route;
 * any other id goes to the default route. An id that cannot exist at its target is refused here.
 */
export function resolve(id: string, { targets, defaultTarget }: Gateway): Result<Resolved> {
  const colon = id.indexOf(':');
  if (colon < 0) {
    if (defaultTarget !== undefined) return accepted(defaultTarget, id);
    return fail(ownFault('no_route', 'No route takes this id: write it as target:upstreamId.'));
  }
  const target = targets.get(id.slice(0, colon));
  if (target !== undefined) return accepted(target, id.slice(colon + 1));
  return fail(ownFault('unknown_target', 'No target has the name before the ":" of the id.'));
}

function accepted(target: Target, upstreamId: string): Result<Resolved> {
  const expected = target.connection.refuseId(upstreamId);
  if (expected === undefined) return succeed({ target, upstreamId });
  const detail = `An id at the target ${target.name} is ${expected}.`;
  return fail(ownFault('invalid_id', detail));
}

/** One rule that was looked at for an id, and why it did or did not decide. */
export type RouteStep = { readonly rule: string; readonly matched: boolean; readonly why: string };

/** The rules `resolve` goes through, in its order, up to the one that decides. */
export function traceRoute(id: string, { defaultTarget }: Gateway): RouteStep[] {
  const rule = 'target:upstreamId';
  if (id.includes(':')) return [{ rule, matched: true, why: 'the id has a ":"' }];
  const why =
    defaultTarget === undefined ? 'none is configured' : `it goes to ${defaultTarget.name}`;
  return [
    { rule, matched: false, why: 'the id has no ":"' },
    { rule: 'default route', matched: defaultTarget !== undefined, why },
  ];
}
