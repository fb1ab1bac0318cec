import type { Context } from 'hono';
import { type Result, succeed } from '../../adapter-kit/index.ts';
import { LINK_RESOLVES_MAX } from '../../limits.ts';
import type { Ports } from '../../ports.ts';
import { namesTag } from '../../profiles/conditions.ts';
import { patchWithFallback, readWithFallback } from '../../profiles/fallback.ts';
import { type Resolved, resolve } from '../../routing/resolve.ts';
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
    const own = portsOf(c, ports);
    const preferences = withoutProfile(caller, preferencesAt(resolved.value, prefer));
    const conditions = { ifMatch, ifNoneMatch };
    const parts = { caller: caller?.name ?? '', id, patch, preferences: prefer, conditions };
    const idempotency =
      secret === undefined
        ? undefined
        : await keyRequest(ports.digests, { ...parts, secret }, preferences, requestId);
    const request = {
      id,
      patch,
      preferences,
      caller,
      conditions,
      requestId,
      version: gateway.version,
      endMs: startMs + ports.deadlineMs,
      idempotency,
    };
    const write = (at: Resolved): Promise<WriteServed> =>
      patchWithFallback(gateway, own, { ...request, resolved: at });
    const written =
      resolved.value.linksVersion === undefined
        ? succeed(await write(resolved.value))
        : await writeByLink(c, ports, resolved.value, write);
    if (!written.ok) return respondProblem(c, written.fault);
    const { answer, target } = written.value;
    traceExchange(c, answer.exchange);
    if ('replay' in answer) return respondReplay(c, answer);
    record.writeId = answer.writeId;
    return respondWrite(c, answer, { preferences, target: target.name, requestId });
  };
}

type WriteServed = Awaited<ReturnType<typeof patchWithFallback>>;

/** Writes where a link leads now: one that is changed before the write begins is read again. */
async function writeByLink(
  c: Context,
  { state }: Ports,
  first: Resolved,
  write: (resolved: Resolved) => Promise<WriteServed>,
): Promise<Result<WriteServed>> {
  let resolved = first;
  for (let tries = 1; ; tries += 1) {
    const written = await write(resolved);
    const { answer } = written;
    const isStale = !('replay' in answer) && answer.isStale === true;
    if (!isStale || tries >= LINK_RESOLVES_MAX) return succeed(written);
    await state.followLinks?.();
    const again = await resolve(routeRequest(c, c.req.param('id') ?? ''), c.get('gateway'));
    if (!again.ok) return again;
    resolved = again.value;
    noteRoute(c, resolved);
  }
}
