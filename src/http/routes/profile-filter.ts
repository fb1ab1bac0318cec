import { fail, type Result, succeed } from '../../adapter-kit/index.ts';
import { profileKey } from '../../routing/resolve.ts';
import type { Target } from '../../upstream/target.ts';
import { wrongFilter } from './admin-query.ts';

/** Returns the key of the profile `target:upstreamId`; a fault where no target has it. */
export function keyOfProfile(
  profile: string,
  targets: ReadonlyMap<string, Target>,
): Result<string> {
  const colon = profile.indexOf(':');
  const target = targets.get(profile.slice(0, Math.max(0, colon)));
  const upstreamId = profile.slice(colon + 1);
  if (target === undefined || target.connection.validateId(upstreamId) !== undefined) {
    return fail(
      wrongFilter('profile must be target:upstreamId, of a target of the configuration.'),
    );
  }
  return succeed(profileKey({ target, upstreamId }));
}
