import type { Context } from 'hono';
import { optional } from '../../adapter-kit/index.ts';
import type { Ports } from '../../ports.ts';
import { namesTag } from '../../profiles/conditions.ts';
import { patchWithFallback, readWithFallback } from '../../profiles/fallback.ts';
import type { PatchAnswer } from '../../profiles/patch-profile.ts';
import type { Preferences } from '../../profiles/patch-request.ts';
import { resolve } from '../../routing/resolve.ts';
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
    const { caller, record, requestId, startMs } = c.get('state');
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
    const { answer, target } = await patchWithFallback(gateway, portsOf(c, ports), {
      id,
      resolved: resolved.value,
      patch,
      preferences,
      caller,
      conditions: { ifMatch, ifNoneMatch },
      requestId,
      version: gateway.version,
      endMs: startMs + ports.deadlineMs,
    });
    traceExchange(c, answer.exchange);
    record.writeId = answer.writeId;
    if (answer.writeId !== undefined) setResponseHeader(c, 'X-Write-Id', answer.writeId);
    if (preferences.applied !== '') setResponseHeader(c, 'Preference-Applied', preferences.applied);
    return writeAnswer(c, answer, preferences, target.name);
  };
}

/** Responds with the outcome of a write. */
function writeAnswer(
  c: Context,
  answer: PatchAnswer,
  { minimal }: Preferences,
  target: string,
): Response {
  const { record } = c.get('state');
  const { etag } = answer;
  if (etag !== undefined) setResponseHeader(c, 'ETag', etag);
  const { outcome, unconfirmed } = answer.ok ? answer.write : answer.end;
  const { losses } = answer.ok ? answer.write : answer;
  record.outcome = outcome;
  record.unconfirmed = unconfirmed;
  record.losses = losses.map((loss) => loss.pointer);
  if (answer.ok) {
    const { profile, write } = answer;
    record.evidence = write.evidence;
    const shown = minimal ? '' : `"profile":${profile},`;
    return jsonAnswer(c, `{${shown}"write":${JSON.stringify(write)}}`);
  }
  const { fault, reason, refusals: _, unconfirmed: __, ...end } = answer.end;
  record.reason = reason;
  const context = {
    ...end,
    target,
    ...(unconfirmed.length === 0 ? {} : { unconfirmed }),
    ...(losses.length === 0 ? {} : { losses }),
    ...optional('reason', reason),
  };
  return respondProblem(c, fault, context, answer.exchange);
}
