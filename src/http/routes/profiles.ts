import type { Ports } from '../../ports.ts';
import { namesTag } from '../../profiles/conditions.ts';
import { patchWithFallback, readWithFallback } from '../../profiles/fallback.ts';
import { resolve } from '../../routing/resolve.ts';
import { keyRequest } from '../keyed-request.ts';
import {
  type PatchInput,
  preferencesAt,
  type ReadInput,
  withoutProfile,
} from '../middleware/profile-request.ts';
import type { Handler } from '../pipeline.ts';
import { routeRequest } from '../request-state.ts';
import { addLogFields, noteRoute, portsOf, traceExchange } from '../request-telemetry.ts';
import { emptyAnswer, jsonAnswer, respondProblem, setResponseHeader } from '../responses.ts';
import { respondReplay, respondWrite } from '../write-answer.ts';

/** `GET /profiles/{id}`. */
export function getProfile(ports: Ports): Handler<ReadInput> {
  return async (c) => {
    const { startMs } = c.get('state');
    const { id } = c.req.valid('param');
    addLogFields(c, { id });
    const resolved = await resolve(routeRequest(c, id), c.get('gateway'));
    if (!resolved.ok) return respondProblem(c, resolved.fault);
    noteRoute(c, resolved.value);
    const { answer, target } = await readWithFallback(portsOf(c, ports), {
      id,
      resolved: resolved.value,
      endMs: startMs + ports.deadlineMs,
    });
    traceExchange(c, answer.exchange);
    if (!answer.ok)
      return respondProblem(c, answer.fault, { target: target.name }, answer.exchange);
    setResponseHeader(c, 'ETag', answer.etag);
    const { 'if-none-match': tags } = c.req.valid('header');
    if (tags !== undefined && namesTag(tags, answer.etag, true)) return emptyAnswer(c, 304);
    return jsonAnswer(c, `{"profile":${answer.profile}}`);
  };
}

/** `PATCH /profiles/{id}`. */
export function updateProfile(ports: Ports): Handler<PatchInput> {
  return async (c) => {
    const { caller, idempotencyKey: secret, record, requestId, startMs } = c.get('state');
    const gateway = c.get('gateway');
    const { id } = c.req.valid('param');
    const { prefer, 'if-match': ifMatch, 'if-none-match': ifNoneMatch } = c.req.valid('header');
    const patch = c.req.valid('json');
    record.id = id;
    record.pointers = patch.entries.map((entry) => entry.pointer);
    const resolving = resolve(routeRequest(c, id), gateway);
    const resolved = resolving instanceof Promise ? await resolving : resolving;
    if (!resolved.ok) return respondProblem(c, resolved.fault);
    noteRoute(c, resolved.value);
    const preferences = withoutProfile(caller, preferencesAt(resolved.value, prefer));
    const conditions = { ifMatch, ifNoneMatch };
    const parts = { caller: caller?.name ?? '', id, patch, preferences: prefer, conditions };
    const idempotency =
      secret === undefined
        ? undefined
        : await keyRequest(ports.digests, { ...parts, secret }, preferences, requestId);
    const { answer, target } = await patchWithFallback(gateway, portsOf(c, ports), {
      id,
      resolved: resolved.value,
      patch,
      preferences,
      caller,
      conditions,
      requestId,
      version: gateway.version,
      endMs: startMs + ports.deadlineMs,
      idempotency,
    });
    traceExchange(c, answer.exchange);
    if ('replay' in answer) return respondReplay(c, answer);
    record.writeId = answer.writeId;
    return respondWrite(c, answer, { preferences, target: target.name, requestId });
  };
}
