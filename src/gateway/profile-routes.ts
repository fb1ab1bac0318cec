import type { Context, Hono } from 'hono';
import type { Adapter } from '../contract/index.ts';
import { allow } from './access.ts';
import type { Doubts } from './doubt.ts';
import { explainProfile, mayTrace } from './explain-profile.ts';
import { readSomewhere, writeSomewhere } from './fallback.ts';
import { jsonText, note, problem, traceExchange } from './http.ts';
import { patchSchema } from './patch-model.ts';
import type { PatchAnswer } from './patch-profile.ts';
import { foreignTarget, mayUse } from './permissions.ts';
import type { Ports } from './ports.ts';
import type { Preferences } from './preferences.ts';
import {
  decodableId,
  explainQuery,
  idParam,
  invalidPatch,
  patchBody,
  readHeader,
  writeHeader,
} from './profile-input.ts';
import { preferencesAt, routeRequest } from './profile-target.ts';
import { namesTag } from './representation.ts';
import { type Resolved, resolve } from './resolve.ts';
import { traceRoute } from './routes-trace.ts';
import { validated } from './validate.ts';

/** `GET` and `PATCH /profiles/{id}`, and `POST /profiles/{id}/explain`. */
export function profileRoutes(
  app: Hono,
  adapters: readonly Adapter[],
  ports: Ports,
  doubts: Doubts,
): void {
  const json = validated('json', patchSchema(adapters), invalidPatch);

  const read = [allow('profiles:read'), decodableId] as const;
  app.get('/profiles/:id', ...read, idParam, readHeader, async (c) => {
    const { id } = c.req.valid('param');
    note(c, { id });
    const resolved = await resolve(routeRequest(c, id), c.get('gateway'));
    if (!resolved.ok) return problem(c, resolved.fault);
    noteRoute(c, resolved.value);
    const endMs = c.get('startMs') + ports.deadlineMs;
    const { answer, target } = await readSomewhere(ports, { id, resolved: resolved.value, endMs });
    traceExchange(c, answer.exchange);
    if (!answer.ok) return problem(c, answer.fault, { target: target.name }, answer.exchange);
    c.header('ETag', answer.etag);
    const tags = c.req.valid('header')['if-none-match'];
    if (tags !== undefined && namesTag(tags, answer.etag, true)) return c.body(null, 304);
    return jsonText(c, { profile: answer.profile });
  });

  const write = [allow('profiles:write'), decodableId, patchBody] as const;
  app.patch('/profiles/:id', ...write, idParam, writeHeader, json, async (c) => {
    const { id } = c.req.valid('param');
    const patch = c.req.valid('json');
    const { prefer, 'if-match': ifMatch } = c.req.valid('header');
    note(c, { id, pointers: patch.entries.map((entry) => entry.pointer) });
    const resolved = await resolve(routeRequest(c, id), c.get('gateway'));
    if (!resolved.ok) return problem(c, resolved.fault);
    noteRoute(c, resolved.value);
    const preferences = preferencesAt(resolved.value, prefer);
    const endMs = c.get('startMs') + ports.deadlineMs;
    const request = {
      id,
      resolved: resolved.value,
      patch,
      preferences,
      caller: c.get('caller'),
      ifMatch,
      endMs,
    };
    const { answer, target } = await writeSomewhere(c.get('gateway'), ports, doubts, request);
    traceExchange(c, answer.exchange);
    if (preferences.applied !== '') c.header('Preference-Applied', preferences.applied);
    return writeAnswer(c, answer, preferences, target.name);
  });

  const input = [idParam, writeHeader, json] as const;
  app.post('/profiles/:id/explain', ...write, ...input, explainQuery, async (c) => {
    const { id } = c.req.valid('param');
    const { prefer } = c.req.valid('header');
    const { read: reads } = c.req.valid('query');
    note(c, { id });
    const gateway = c.get('gateway');
    const caller = c.get('caller');
    const traced = mayTrace(gateway, caller);
    const asked = routeRequest(c, id);
    // Whoever may see all rules may see where they lead, but not what is stored there.
    const resolved = await resolve(traced ? { ...asked, mayUse: () => true } : asked, gateway);
    const route = traced ? { route: await traceRoute(asked, gateway) } : {};
    if (resolved.ok && reads && !mayUse(caller, resolved.value.target.name)) {
      return problem(c, foreignTarget(), route);
    }
    if (!resolved.ok) return problem(c, resolved.fault, route);
    noteRoute(c, resolved.value);
    const preferences = preferencesAt(resolved.value, prefer);
    const endMs = c.get('startMs') + ports.deadlineMs;
    const patch = c.req.valid('json');
    const request = {
      id,
      resolved: resolved.value,
      patch,
      preferences,
      caller: c.get('caller'),
      reads,
      endMs,
      ...route,
    };
    const answer = await explainProfile(gateway, ports, request);
    traceExchange(c, answer.exchange);
    const target = resolved.value.target.name;
    if (!answer.ok) return problem(c, answer.fault, { target }, answer.exchange);
    return jsonText(c, answer.explanation);
  });
}

/** Adds the rule that decided to the request's log line. */
function noteRoute(c: Context, { rule }: Resolved): void {
  if (rule !== undefined) note(c, { rule });
}

/** How a write ended, as the caller is told. */
function writeAnswer(
  c: Context,
  answer: PatchAnswer,
  { minimal }: Preferences,
  target: string,
): Response {
  if (answer.ok) {
    const { etag, profile, write } = answer;
    const { evidence, outcome, unconfirmed } = write;
    const losses = write.losses.map((loss) => loss.pointer);
    note(c, { evidence, outcome, unconfirmed, losses });
    if (etag !== undefined) c.header('ETag', etag);
    return jsonText(c, minimal ? { write } : { profile, write });
  }
  const { fault, reason, ...end } = answer.end;
  const why = reason === undefined ? {} : { reason };
  note(c, { outcome: end.outcome, ...why });
  if (answer.etag !== undefined) c.header('ETag', answer.etag);
  return problem(c, fault, { ...end, target, ...why }, answer.exchange);
}
