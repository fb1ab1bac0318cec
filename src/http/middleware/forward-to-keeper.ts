import type { Context } from 'hono';
import { type Fault, ownFault } from '../../adapter-kit/index.ts';
import type { Ports } from '../../ports.ts';
import { profileKey, resolve } from '../../routing/resolve.ts';
import type { Handler } from '../pipeline.ts';
import { routeRequest } from '../request-state.ts';
import { addLogFields } from '../request-telemetry.ts';
import { respondProblem } from '../responses.ts';
import { wrongFilter } from '../routes/admin-query.ts';
import { keyOfProfile } from '../routes/profile-filter.ts';
import { forwardRequest } from './forward-to-writer.ts';

type Forward = NonNullable<Ports['handOver']>;

/**
 * Returns the steps that forward a request of operators to the object that keeps the state of a
 * profile; none where `forward` is false: the state is that of this process.
 */
export function forwardToKeeper(forward: Forward | false | undefined) {
  if (typeof forward !== 'function') return { byProfile: [], byId: [] };
  return { byProfile: [forwardByProfile(forward)], byId: [forwardById(forward)] };
}

/** Forwards a question about the state to the object of the profile that the query names. */
function forwardByProfile(forward: Forward): Handler {
  return async (c) => {
    const [profile, ...others] = c.req.queries('profile') ?? [];
    if (profile === undefined || others.length > 0) return respondProblem(c, profileNeeded());
    const key = keyOfProfile(profile, c.get('gateway').targets);
    return key.ok ? forwardTo(c, forward, key.value) : respondProblem(c, key.fault);
  };
}

/** Forwards the lift of a mark to the object of the profile that the path names. */
function forwardById(forward: Forward): Handler {
  return async (c) => {
    const request = { ...routeRequest(c, c.req.param('id') ?? ''), mayUse: () => true };
    const resolved = await resolve(request, c.get('gateway'));
    if (!resolved.ok) return respondProblem(c, resolved.fault);
    return forwardTo(c, forward, profileKey(resolved.value));
  };
}

async function forwardTo(c: Context, forward: Forward, key: string): Promise<Response> {
  try {
    return await forwardRequest(c, forward, key);
  } catch (error) {
    addLogFields(c, { message: error instanceof Error ? error.name : 'error' });
    const detail = 'The object of the profile does not answer.';
    return respondProblem(c, ownFault('state_unavailable', detail, { retryAfterSeconds: 1 }));
  }
}

function profileNeeded(): Fault {
  return wrongFilter('On this runtime each profile keeps its own state: the query needs profile.');
}
