import type { Caller } from '../../auth/caller.ts';
import { mayUse } from '../../auth/permissions.ts';
import type { ConfigSnapshot } from '../../config/snapshot.ts';
import type { Ports } from '../../ports.ts';
import { explainWithFallback } from '../../profiles/fallback.ts';
import { foreignTarget, resolve } from '../../routing/resolve.ts';
import { traceRoute } from '../../routing/route-trace.ts';
import type { InDoubtRegistry } from '../../state/in-doubt.ts';
import { explainQuery, hasId, hasWriteHeaders, patchBody } from '../middleware/profile-request.ts';
import type { AddRoute, Handler } from '../pipeline.ts';
import { preferencesAt } from '../preferences.ts';
import { routeRequest } from '../request-state.ts';
import { addLogFields, noteRoute, portsOf, traceExchange } from '../request-telemetry.ts';
import { jsonText, respondProblem } from '../responses.ts';

/** `POST /profiles/{id}/explain`. */
export function explainRoutes(
  add: AddRoute,
  validPatch: Handler,
  ports: Ports,
  doubts: InDoubtRegistry,
): void {
  const valid = [hasId, hasWriteHeaders, patchBody(ports), validPatch, explainQuery];
  const explain: Handler = async (c) => {
    const { caller, profileId: id, startMs } = c.get('state');
    const { prefer, 'if-match': ifMatch } = c.get('writeHeaders');
    const { read: reads } = c.get('explainQuery');
    addLogFields(c, { id });
    const gateway = c.get('gateway');
    const traced = mayTrace(gateway, caller);
    const asked = routeRequest(c, id);
    // Whoever may see all rules may see where they lead, but not what is stored there.
    const resolved = await resolve(traced ? { ...asked, mayUse: () => true } : asked, gateway);
    const route = traced ? { route: await traceRoute(asked, gateway) } : {};
    if (resolved.ok && reads && !mayUse(caller, resolved.value.target.name)) {
      return respondProblem(c, foreignTarget(), route);
    }
    if (!resolved.ok) return respondProblem(c, resolved.fault, route);
    noteRoute(c, resolved.value);
    const preferences = preferencesAt(resolved.value, prefer);
    const endMs = startMs + ports.deadlineMs;
    const request = {
      id,
      resolved: resolved.value,
      patch: c.get('patch'),
      preferences,
      caller,
      ifMatch,
      reads,
      endMs,
      ...route,
    };
    const { answer, target } = await explainWithFallback(
      gateway,
      portsOf(c, ports),
      doubts,
      request,
    );
    traceExchange(c, answer.exchange);
    if (answer.ok) return jsonText(c, answer.explanation);
    return respondProblem(c, answer.fault, { target: target.name }, answer.exchange);
  };
  add('POST', '/profiles/:id/explain', 'profiles:write', ...valid, explain);
}

/** Reports whether rules may be shown to `caller`: they name targets that others use. */
function mayTrace({ callers }: ConfigSnapshot, caller: Caller | undefined): boolean {
  return callers === undefined || caller?.scopes.has('admin') === true;
}
