import { ownFault } from '../../adapter-kit/index.ts';
import type { Caller } from '../../auth/caller.ts';
import { mayRead, mayUse } from '../../auth/permissions.ts';
import type { ConfigSnapshot } from '../../config/snapshot.ts';
import type { Ports } from '../../ports.ts';
import { explainWithFallback } from '../../profiles/fallback.ts';
import { foreignTarget, resolve } from '../../routing/resolve.ts';
import { traceRoute } from '../../routing/route-trace.ts';
import { type ExplainInput, preferencesAt } from '../middleware/profile-request.ts';
import type { Handler } from '../pipeline.ts';
import { routeRequest } from '../request-state.ts';
import { addLogFields, noteRoute, portsOf, traceExchange } from '../request-telemetry.ts';
import { jsonText, respondProblem } from '../responses.ts';

/** `POST /profiles/{id}/explain`. */
export function explainPatch(ports: Ports): Handler<ExplainInput> {
  return async (c) => {
    const { caller, startMs } = c.get('state');
    const { id } = c.req.valid('param');
    const { prefer, 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = c.req.valid('header');
    const { read: reads } = c.req.valid('query');
    addLogFields(c, { id });
    if (reads && !mayRead(caller)) {
      return respondProblem(c, ownFault('forbidden', 'The caller lacks the scope profiles:read.'));
    }
    const gateway = c.get('gateway');
    const showsRoute = mayTrace(gateway, caller);
    const request = routeRequest(c, id);
    // Callers that may see all rules may see their targets, but not what is stored there.
    const resolved = await resolve(
      showsRoute ? { ...request, mayUse: () => true } : request,
      gateway,
    );
    const route = showsRoute ? { route: await traceRoute(request, gateway) } : {};
    if (resolved.ok && reads && !mayUse(caller, resolved.value.target.name)) {
      return respondProblem(c, foreignTarget(), route);
    }
    if (!resolved.ok) return respondProblem(c, resolved.fault, route);
    noteRoute(c, resolved.value);
    const preferences = preferencesAt(resolved.value, prefer);
    const { answer, target } = await explainWithFallback(gateway, portsOf(c, ports), {
      id,
      resolved: resolved.value,
      patch: c.req.valid('json'),
      preferences,
      caller,
      conditions: { ifMatch, ifNoneMatch },
      reads,
      endMs: startMs + ports.deadlineMs,
      ...route,
    });
    traceExchange(c, answer.exchange);
    if (answer.ok) return jsonText(c, answer.explanation);
    return respondProblem(c, answer.fault, { target: target.name }, answer.exchange);
  };
}

/** Reports whether rules may be shown to `caller`: they name targets that others use. */
function mayTrace({ callers }: ConfigSnapshot, caller: Caller | undefined): boolean {
  return callers === undefined || caller?.scopes.has('admin') === true;
}
