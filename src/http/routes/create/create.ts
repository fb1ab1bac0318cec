import type { Context } from 'hono';
import { fail, ownFault, type Result, succeed } from '../../../adapter-kit/index.ts';
import { mayUse } from '../../../auth/permissions.ts';
import type { Ports } from '../../../ports.ts';
import { createProfile } from '../../../profiles/create/create-profile.ts';
import { createScope } from '../../../profiles/create/create-request.ts';
import { foreignTarget } from '../../../routing/resolve.ts';
import type { Target } from '../../../upstream/target.ts';
import { keyRequest } from '../../keyed-request.ts';
import type { CurrentGateway } from '../../middleware/entry.ts';
import { type CreateInput, withoutProfile } from '../../middleware/profile-request.ts';
import type { Handler } from '../../pipeline.ts';
import { addLogFields, portsOf, traceExchange } from '../../request-telemetry.ts';
import { respondProblem } from '../../responses.ts';
import { respondReplay, respondWrite } from '../../write-answer.ts';
import { linksOfCreate } from './create-links.ts';

/** `POST /profiles`. */
export function createNewProfile(ports: Ports, inForce: CurrentGateway): Handler<CreateInput> {
  return async (c) => {
    const { caller, idempotencyKey: secret, record, requestId, startMs } = c.get('state');
    const gateway = c.get('gateway');
    const { prefer, 'if-match': ifMatch } = c.req.valid('header');
    const patch = c.req.valid('json');
    const { entries, id } = patch;
    addLogFields(c, { id, pointers: entries.map(({ pointer }) => pointer) });
    const target = targetOfCreate(c, patch.target);
    if (!target.ok) return respondProblem(c, target.fault);
    record.target = target.value.name;
    // Nothing that does not exist has a tag (RFC 9110, 13.1.1).
    if (ifMatch !== undefined) return respondProblem(c, noSuchProfile());
    const preferences = withoutProfile(caller, prefer);
    const scope = { id: createScope(target.value.name), method: 'POST' } as const;
    const parts = { caller: caller?.name ?? '', ...scope, patch, preferences: prefer };
    const conditions = { ifMatch, ifNoneMatch: undefined };
    const idempotency =
      secret === undefined
        ? undefined
        : await keyRequest(ports.digests, { ...parts, conditions, secret }, preferences, requestId);
    const request = {
      target: target.value,
      id,
      entries,
      preferences,
      caller,
      requestId,
      version: gateway.version,
      endMs: startMs + ports.deadlineMs,
      idempotency,
    };
    const { targets } = gateway;
    const targetsInForce = async () => (await inForce())?.targets ?? targets;
    const creating = { targets, targetsInForce };
    const links = await linksOfCreate(c, ports, target.value, id);
    const answer = await createProfile(creating, portsOf(c, ports), request, links);
    traceExchange(c, answer.exchange);
    if ('replay' in answer) return respondReplay(c, answer);
    record.writeId = answer.writeId;
    return respondWrite(c, answer, { preferences, target: target.value.name, requestId });
  };
}

/** Finds the target that a new profile names, if the caller may use it. */
export function targetOfCreate(c: Context, name: string): Result<Target> {
  // By the name alone, so that it does not show which of the others are there.
  if (!mayUse(c.get('state').caller, name)) return fail(foreignTarget());
  const target = c.get('gateway').targets.get(name);
  if (target !== undefined) return succeed(target);
  return fail(ownFault('unknown_target', 'No target has this name.'));
}

function noSuchProfile() {
  const detail = 'A profile that does not exist yet has no tag; nothing was sent.';
  return ownFault('precondition_failed', detail);
}
