import type { Context, Hono } from 'hono';
import type { Allow } from './access.ts';
import type { Doubts } from './doubt.ts';
import { readSomewhere, writeSomewhere } from './fallback.ts';
import { gated } from './gates.ts';
import { handedOver } from './hand-over.ts';
import { emptyAnswer, header, jsonText, note, noteRoute, problem, traceExchange } from './http.ts';
import type { PatchAnswer } from './patch-profile.ts';
import type { Ports } from './ports.ts';
import type { Preferences } from './preferences.ts';
import {
  hasId,
  hasWriteHeaders,
  type PatchValidator,
  patchBody,
  readHeadersOf,
  tooManyTags,
} from './profile-input.ts';
import { preferencesAt, routeRequest } from './profile-target.ts';
import { namesTag } from './representation.ts';
import { portsOf } from './request-signals.ts';
import { resolve } from './resolve.ts';

/** `GET` and `PATCH /profiles/{id}`. */
export function profileRoutes(
  app: Hono,
  allow: Allow,
  validPatch: PatchValidator,
  ports: Ports,
  doubts: Doubts,
): void {
  app.get('/profiles/:id', gated(...allow('profiles:read'), hasId), async (c) => {
    const id = c.get('profileId');
    const headers = readHeadersOf(c);
    if (headers === undefined) return tooManyTags(c);
    note(c, { id });
    const resolved = await resolve(routeRequest(c, id), c.get('gateway'));
    if (!resolved.ok) return problem(c, resolved.fault);
    noteRoute(c, resolved.value);
    const endMs = c.get('startMs') + ports.deadlineMs;
    const { answer, target } = await readSomewhere(portsOf(c, ports), {
      id,
      resolved: resolved.value,
      endMs,
    });
    traceExchange(c, answer.exchange);
    if (!answer.ok) return problem(c, answer.fault, { target: target.name }, answer.exchange);
    header(c, 'ETag', answer.etag);
    const tags = headers['if-none-match'];
    if (tags !== undefined && namesTag(tags, answer.etag, true)) return emptyAnswer(c, 304);
    return jsonText(c, { profile: answer.profile });
  });

  const { handOver } = ports;
  const elsewhere = handOver === undefined ? [] : [handedOver(handOver)];
  const written = [hasId, ...elsewhere, hasWriteHeaders, patchBody(ports)];
  const readPatch = gated(...allow('profiles:write'), ...written);
  app.patch('/profiles/:id', readPatch, validPatch, async (c) => {
    const id = c.get('profileId');
    const { prefer, 'if-match': ifMatch } = c.get('writeHeaders');
    const patch = c.req.valid('json');
    const record = c.get('record');
    record.id = id;
    record.pointers = patch.entries.map((entry) => entry.pointer);
    const resolving = resolve(routeRequest(c, id), c.get('gateway'));
    const resolved = resolving instanceof Promise ? await resolving : resolving;
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
    const { answer, target } = await writeSomewhere(
      c.get('gateway'),
      portsOf(c, ports),
      doubts,
      request,
    );
    traceExchange(c, answer.exchange);
    if (preferences.applied !== '') header(c, 'Preference-Applied', preferences.applied);
    return writeAnswer(c, answer, preferences, target.name);
  });
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
    const record = c.get('record');
    record.evidence = evidence;
    record.outcome = outcome;
    record.unconfirmed = unconfirmed;
    record.losses = losses;
    if (etag !== undefined) header(c, 'ETag', etag);
    return jsonText(c, minimal ? { write } : { profile, write });
  }
  const { fault, reason, ...end } = answer.end;
  const why = reason === undefined ? {} : { reason };
  note(c, { outcome: end.outcome, ...why });
  if (answer.etag !== undefined) header(c, 'ETag', answer.etag);
  return problem(c, fault, { ...end, target, ...why }, answer.exchange);
}
