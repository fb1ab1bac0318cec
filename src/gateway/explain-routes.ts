import type { Hono } from 'hono';
import type { Allow } from './access.ts';
import { explainProfile, mayTrace } from './explain-profile.ts';
import { gated } from './gates.ts';
import { jsonText, note, noteRoute, problem, traceExchange } from './http.ts';
import { foreignTarget, mayUse } from './permissions.ts';
import type { Ports } from './ports.ts';
import {
  explainQuery,
  hasId,
  hasWriteHeaders,
  type PatchValidator,
  patchBody,
} from './profile-input.ts';
import { preferencesAt, routeRequest } from './profile-target.ts';
import { hideInside } from './redact.ts';
import { portsOf } from './request-signals.ts';
import { resolve } from './resolve.ts';
import { traceRoute } from './routes-trace.ts';

/** `POST /profiles/{id}/explain`. */
export function explainRoutes(
  app: Hono,
  allow: Allow,
  validPatch: PatchValidator,
  ports: Ports,
): void {
  const readPatch = gated(...allow('profiles:write'), hasId, hasWriteHeaders, patchBody(ports));
  const valid = [readPatch, validPatch, explainQuery] as const;
  app.post('/profiles/:id/explain', ...valid, async (c) => {
    const id = c.get('profileId');
    const { prefer } = c.get('writeHeaders');
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
    const answer = await explainProfile(gateway, portsOf(c, ports), request);
    traceExchange(c, answer.exchange);
    const target = resolved.value.target.name;
    if (!answer.ok) return problem(c, answer.fault, { target }, answer.exchange);
    return jsonText(c, hideInside(answer.explanation, resolved.value.target.redactor));
  });
}
