import type { Context } from 'hono';
import { type Fault, ownFault } from '../../adapter-kit/index.ts';
import { LINK_RESOLVES_MAX } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import { type DeleteAnswer, deleteProfile } from '../../profiles/deletion/delete-profile.ts';
import { lacksOperation } from '../../profiles/operation-support.ts';
import { type Resolved, resolve } from '../../routing/resolve.ts';
import type { Target } from '../../upstream/target.ts';
import type { DeleteInput } from '../middleware/profile-request.ts';
import { allowOf, PATHS } from '../paths.ts';
import type { Handler } from '../pipeline.ts';
import { routeRequest } from '../request-state.ts';
import { addLogFields, noteRoute, portsOf, traceExchange } from '../request-telemetry.ts';
import { emptyAnswer, respondProblem, setResponseHeader } from '../responses.ts';

/** `DELETE /profiles/{id}`: the target of the rule alone, never one that it falls back to. */
export function removeProfileRoute(ports: Ports): Handler<DeleteInput> {
  return async (c) => {
    const { caller, requestId, startMs } = c.get('state');
    const gateway = c.get('gateway');
    const { id } = c.req.valid('param');
    const { 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = c.req.valid('header');
    addLogFields(c, { id });
    const request = {
      id,
      caller,
      conditions: { ifMatch, ifNoneMatch },
      requestId,
      version: gateway.version,
      endMs: startMs + ports.deadlineMs,
    };
    for (let tries = 1; ; tries += 1) {
      const resolved = await resolve(routeRequest(c, id), gateway);
      if (!resolved.ok) return respondProblem(c, resolved.fault);
      const { target } = resolved.value;
      noteRoute(c, resolved.value);
      const { remove } = target.connection;
      const lacking = lacksOperation(gateway, caller, target, 'delete');
      if (remove === undefined || lacking !== undefined) return cannotDelete(c, target, lacking);
      const asked = { ...request, remove, resolved: resolved.value };
      const answer = await deleteProfile(gateway, portsOf(c, ports), asked);
      if (answer.isStale !== true || tries >= LINK_RESOLVES_MAX) {
        return respondDeleted(c, answer, resolved.value);
      }
      await ports.state.followLinks?.();
    }
  };
}

function cannotDelete(c: Context, target: Target, lacking: Fault | undefined): Response {
  const methods = PATHS['/profiles/:id'].filter((name) => name !== 'DELETE');
  setResponseHeader(c, 'Allow', allowOf(methods));
  const fault = lacking ?? ownFault('method_not_allowed', 'The target deletes no profiles.');
  return respondProblem(c, fault, { target: target.name });
}

function respondDeleted(c: Context, answer: DeleteAnswer, { target }: Resolved): Response {
  const { end, etag, exchange, writeId } = answer;
  traceExchange(c, exchange);
  addLogFields(c, { outcome: end.outcome, writeId });
  setResponseHeader(c, 'X-Write-Id', writeId);
  if (end.outcome === 'applied') {
    addLogFields(c, { evidence: end.evidence });
    return emptyAnswer(c, 204);
  }
  if (etag !== undefined) setResponseHeader(c, 'ETag', etag);
  const reason = end.outcome === 'unknown' ? { reason: end.reason } : {};
  addLogFields(c, reason);
  const context = { outcome: end.outcome, target: target.name, ...reason };
  return respondProblem(c, end.fault, context, exchange);
}
