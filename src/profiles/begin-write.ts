import { type Fault, ownFault } from '../adapter-kit/index.ts';
import { profileKey, type Resolved } from '../routing/resolve.ts';
import type { Begun, Lease, ProfileKeys } from '../state/state-store.ts';

/** Returns the key of a profile, and the one from before the configuration was changed. */
export function profileKeys({
  target,
  upstreamId,
}: Pick<Resolved, 'target' | 'upstreamId'>): ProfileKeys {
  const { formerNamespace: writeNamespace } = target;
  const former = writeNamespace === undefined ? undefined : { ...target, writeNamespace };
  return {
    key: profileKey({ target, upstreamId }),
    formerKey: former && profileKey({ target: former, upstreamId }),
  };
}

/** Returns the fault of a write that could not begin. */
export function notBegun(begun: Exclude<Begun, Lease | { kind: 'answered' }>): Fault {
  switch (begun.kind) {
    case 'in_doubt':
      return inDoubt(begun.leftMs);
    case 'unavailable':
      return unreachable();
    case 'in_progress':
      return ownFault('request_in_progress', 'A request with the same key is under way.', {
        retryAfterSeconds: 1,
      });
    case 'stale':
      return ownFault('overloaded', 'The link of the id is being changed; nothing was sent.', {
        retryAfterSeconds: 1,
      });
    case 'keys_lost': {
      const detail = 'The state was restored from a backup, which may lack the answer to this key.';
      return ownFault('idempotency_keys_lost', detail);
    }
    case 'busy': {
      const detail = 'Too many writes are queued for this profile; nothing was sent.';
      return ownFault('overloaded', detail, { retryAfterSeconds: 1 });
    }
  }
}

/** Returns the fault of a write to a profile that an earlier write may change for `leftMs`. */
export function inDoubt(leftMs: number): Fault {
  const detail = 'An earlier write got no response and may still be applied; nothing was sent.';
  return ownFault('profile_in_doubt', detail, { retryAfterSeconds: Math.ceil(leftMs / 1000) });
}

function unreachable(): Fault {
  const detail = 'The state that replicas share cannot be reached; nothing was sent.';
  return ownFault('state_unavailable', detail, { retryAfterSeconds: 1 });
}
