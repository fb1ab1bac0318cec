import type { Context } from 'hono';
import { type Fault, ownFault } from '../../adapter-kit/index.ts';
import type { Ports } from '../../ports.ts';
import { profileKey, resolve } from '../../routing/resolve.ts';
import type { Handler } from '../pipeline.ts';
import { routeRequest } from '../request-state.ts';
import { addLogFields } from '../request-telemetry.ts';
import { respondProblem } from '../responses.ts';
import type { ReadInput } from './profile-request.ts';

/**
 * Forwards a write, or the explanation of one, to the only writer of its profile, which responds
 * and logs: it alone knows if the profile is in doubt. A request without a route continues here,
 * and is rejected.
 */
export function forwardToWriter(
  forward: NonNullable<Ports['handOver']>,
  purpose: 'write' | 'explanation',
): Handler<ReadInput> {
  return async (c) => {
    const resolved = await resolve(routeRequest(c, c.req.valid('param').id), c.get('gateway'));
    if (!resolved.ok) return undefined;
    const { target } = resolved.value;
    try {
      return await forwardRequest(c, forward, profileKey(resolved.value));
    } catch (error) {
      const message = error instanceof Error ? error.name : 'error';
      addLogFields(c, { message, target: target.name });
      if (purpose === 'explanation') {
        return respondProblem(c, writerOverloaded(), { target: target.name });
      }
      const overloaded = isOverloaded(error);
      const outcome = overloaded ? 'rejected' : 'unknown';
      addLogFields(c, { outcome });
      const context = { outcome, target: target.name } as const;
      return overloaded
        ? respondProblem(c, writerOverloaded(), context)
        : respondProblem(c, writerLost(), { ...context, reason: 'read_back_failed' });
    }
  };
}

/** Forwards a request to the object of a profile. Rejects where that is stopped or overloaded. */
export async function forwardRequest(
  c: Context,
  forward: NonNullable<Ports['handOver']>,
  key: string,
  request: Request = c.req.raw,
): Promise<Response> {
  const state = c.get('state');
  const answer = await forward(key, request);
  state.isForwarded = true;
  return withOwnHeaders(answer, state.responseHeaders);
}

/** Adds the headers set here, such as the caller's rate, to the writer's response. */
function withOwnHeaders(answer: Response, headers: Readonly<Record<string, string>>): Response {
  const whole = new Response(answer.body, answer);
  for (const [name, value] of Object.entries(headers)) {
    // The writer's log line has its own name for the request.
    if (name !== 'X-Request-Id' || !whole.headers.has(name)) whole.headers.set(name, value);
  }
  return whole;
}

/** Reports whether the runtime marked `error` as that of a request it kept from the writer. */
export function isOverloaded(error: unknown): boolean {
  return error instanceof Error && 'overloaded' in error && error.overloaded === true;
}

/** Returns the fault of a request that was kept from the writer. */
export function writerOverloaded(): Fault {
  const detail = 'Too many requests are waiting for the writer of the profile.';
  return ownFault('overloaded', detail, { retryAfterSeconds: 1 });
}

/** The writer may have been stopped at any point, by a new version of its code for example. */
export function writerLost(): Fault {
  const detail = 'The writer of the profile stopped before it responded.';
  return { code: 'outcome_unknown', detail, effect: 'possible' };
}
