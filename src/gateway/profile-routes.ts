import type { Hono } from 'hono';
import type { Adapter } from '../contract/index.ts';
import { allow } from './access.ts';
import type { Doubts } from './doubt.ts';
import { explainProfile } from './explain-profile.ts';
import { jsonText, note, problem, traceExchange } from './http.ts';
import { patchSchema } from './patch-model.ts';
import { patchProfile } from './patch-profile.ts';
import type { Ports } from './ports.ts';
import {
  decodableId,
  explainQuery,
  idParam,
  invalidPatch,
  patchBody,
  readHeader,
  writeHeader,
} from './profile-input.ts';
import { readProfile } from './read-profile.ts';
import { namesTag } from './representation.ts';
import { resolve } from './resolve.ts';
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
    const resolved = resolve(id, c.get('gateway'));
    note(c, { id });
    if (!resolved.ok) return problem(c, resolved.fault);
    const endMs = c.get('startMs') + ports.deadlineMs;
    const answer = await readProfile(ports, { id, resolved: resolved.value, endMs });
    traceExchange(c, answer.exchange);
    const target = resolved.value.target.name;
    if (!answer.ok) return problem(c, answer.fault, { target }, answer.exchange);
    c.header('ETag', answer.etag);
    const tags = c.req.valid('header')['if-none-match'];
    if (tags !== undefined && namesTag(tags, answer.etag, true)) return c.body(null, 304);
    return jsonText(c, { profile: answer.profile });
  });

  const write = [allow('profiles:write'), decodableId, patchBody] as const;
  app.patch('/profiles/:id', ...write, idParam, writeHeader, json, async (c) => {
    const { id } = c.req.valid('param');
    const patch = c.req.valid('json');
    const { prefer: preferences, 'if-match': tags } = c.req.valid('header');
    note(c, { id, pointers: patch.entries.map((entry) => entry.pointer) });
    const resolved = resolve(id, c.get('gateway'));
    if (!resolved.ok) return problem(c, resolved.fault);
    const endMs = c.get('startMs') + ports.deadlineMs;
    const request = { id, resolved: resolved.value, patch, preferences, ifMatch: tags, endMs };
    const answer = await patchProfile(c.get('gateway'), ports, doubts, request);
    traceExchange(c, answer.exchange);
    if (preferences.applied !== '') c.header('Preference-Applied', preferences.applied);
    if (answer.ok) {
      const { etag, profile, write } = answer;
      const { evidence, outcome, unconfirmed } = write;
      note(c, {
        evidence,
        outcome,
        unconfirmed,
        losses: write.losses.map((loss) => loss.pointer),
      });
      if (etag !== undefined) c.header('ETag', etag);
      return jsonText(c, preferences.minimal ? { write } : { profile, write });
    }
    const { fault, reason, ...end } = answer.end;
    const { outcome } = end;
    note(c, { outcome, ...(reason === undefined ? {} : { reason }) });
    if (answer.etag !== undefined) c.header('ETag', answer.etag);
    const context = { ...end, target: resolved.value.target.name };
    return problem(
      c,
      fault,
      reason === undefined ? context : { ...context, reason },
      answer.exchange,
    );
  });

  const input = [idParam, writeHeader, json] as const;
  app.post('/profiles/:id/explain', ...write, ...input, explainQuery, async (c) => {
    const { id } = c.req.valid('param');
    const { prefer: preferences } = c.req.valid('header');
    const { read: reads } = c.req.valid('query');
    note(c, { id });
    const resolved = resolve(id, c.get('gateway'));
    if (!resolved.ok) return problem(c, resolved.fault);
    const endMs = c.get('startMs') + ports.deadlineMs;
    const patch = c.req.valid('json');
    const request = { id, resolved: resolved.value, patch, preferences, reads, endMs };
    const answer = await explainProfile(c.get('gateway'), ports, request, c.get('caller'));
    traceExchange(c, answer.exchange);
    const target = resolved.value.target.name;
    if (!answer.ok) return problem(c, answer.fault, { target }, answer.exchange);
    return jsonText(c, answer.explanation);
  });
}
