import type { Ports } from '../../ports.ts';
import { createKeys } from '../../profiles/create/create-record.ts';
import { createScope } from '../../profiles/create/create-request.ts';
import { planForCreate } from '../../profiles/create/plan-create.ts';
import { hashIdempotencyKey } from '../../profiles/idempotency/digest-key.ts';
import type { Handler } from '../pipeline.ts';
import { addLogFields } from '../request-telemetry.ts';
import { respondProblem } from '../responses.ts';
import { forwardRequest, isOverloaded, writerLost, writerOverloaded } from './forward-to-writer.ts';
import type { CreateInput } from './profile-request.ts';

/**
 * Forwards a create to the one object of its trace or key, so that of two creates of one name the
 * second waits, and a repeat finds the answer of the first. The body is read by `validate` here as
 * well, since it names both. A request that is refused anyway continues here.
 */
export function forwardCreate(
  ports: Ports & { readonly handOver: NonNullable<Ports['handOver']> },
  validate: Handler,
): Handler<CreateInput> {
  return async (c, next) => {
    const copy = c.req.raw.clone();
    const refused = await validate(c, next);
    if (refused instanceof Response) return refused;
    const gateway = c.get('gateway');
    const { caller, idempotencyKey: secret } = c.get('state');
    const { entries, target: name } = c.req.valid('json');
    const target = gateway.targets.get(name);
    if (target === undefined) return undefined;
    // Lenient: that finds the name also where a strict plan is refused.
    const preferences = { handling: 'lenient' } as const;
    const planned = planForCreate(gateway, { caller, entries, preferences, target });
    if (!planned.ok) return undefined;
    const { changes, operation } = planned.value;
    const trace = operation.traceOf(changes);
    const scope = { caller: caller?.name ?? '', id: createScope(name) };
    const keyHash = secret && (await hashIdempotencyKey(ports.digests, { ...scope, secret }));
    const { key } = await createKeys(ports, target, { changes, keyHash, trace });
    try {
      return await forwardRequest(c, ports.handOver, key, copy);
    } catch (error) {
      const message = error instanceof Error ? error.name : 'error';
      const isKept = isOverloaded(error);
      const outcome = isKept ? 'rejected' : 'unknown';
      addLogFields(c, { message, target: target.name, outcome });
      const context = { outcome, target: target.name } as const;
      return isKept
        ? respondProblem(c, writerOverloaded(), context)
        : respondProblem(c, writerLost(), { ...context, reason: 'read_back_failed' });
    }
  };
}
