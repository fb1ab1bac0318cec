import type { Context } from 'hono';
import { optional } from '../../adapter-kit/index.ts';
import type { Ports } from '../../ports.ts';
import { patchWithFallback, readWithFallback } from '../../profiles/fallback.ts';
import type { PatchAnswer } from '../../profiles/patch-profile.ts';
import type { Preferences } from '../../profiles/patch-request.ts';
import { namesTag } from '../../profiles/representation.ts';
import { resolve } from '../../routing/resolve.ts';
import type { InDoubtRegistry } from '../../state/in-doubt.ts';
import { handedOver } from '../middleware/forward-to-writer.ts';
import {
  hasId,
  hasWriteHeaders,
  patchBody,
  readHeadersOf,
  tooManyTags,
} from '../middleware/profile-request.ts';
import type { AddRoute, Handler } from '../pipeline.ts';
import { preferencesAt } from '../preferences.ts';
import { routeRequest } from '../request-state.ts';
import { addLogFields, noteRoute, portsOf, traceExchange } from '../request-telemetry.ts';
import { emptyAnswer, jsonAnswer, respondProblem, setResponseHeader } from '../responses.ts';

/** `GET` and `PATCH /profiles/{id}`. */
export function profileRoutes(
  add: AddRoute,
  validPatch: Handler,
  ports: Ports,
  doubts: InDoubtRegistry,
): void {
  add('GET', '/profiles/:id', 'profiles:read', hasId, reading(ports));
  const { handOver } = ports;
  const elsewhere = handOver === undefined ? [] : [handedOver(handOver)];
  const asked = [hasId, ...elsewhere, hasWriteHeaders, patchBody(ports), validPatch];
  add('PATCH', '/profiles/:id', 'profiles:write', ...asked, writing(ports, doubts));
}

function reading(ports: Ports): Handler {
  return async (c) => {
    const { profileId: id, startMs } = c.get('state');
    const headers = readHeadersOf(c);
    if (headers === undefined) return tooManyTags(c);
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
    const tags = headers['if-none-match'];
    if (tags !== undefined && namesTag(tags, answer.etag, true)) return emptyAnswer(c, 304);
    return jsonAnswer(c, `{"profile":${answer.profile}}`);
  };
}

function writing(ports: Ports, doubts: InDoubtRegistry): Handler {
  return async (c) => {
    const { caller, profileId: id, record, startMs } = c.get('state');
    const gateway = c.get('gateway');
    const { prefer, 'if-match': ifMatch } = c.get('writeHeaders');
    const patch = c.get('patch');
    record.id = id;
    record.pointers = patch.entries.map((entry) => entry.pointer);
    const resolving = resolve(routeRequest(c, id), gateway);
    const resolved = resolving instanceof Promise ? await resolving : resolving;
    if (!resolved.ok) return respondProblem(c, resolved.fault);
    noteRoute(c, resolved.value);
    const preferences = preferencesAt(resolved.value, prefer);
    const { answer, target } = await patchWithFallback(gateway, portsOf(c, ports), doubts, {
      id,
      resolved: resolved.value,
      patch,
      preferences,
      caller,
      ifMatch,
      endMs: startMs + ports.deadlineMs,
    });
    traceExchange(c, answer.exchange);
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
