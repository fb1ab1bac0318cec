import { type Fault, ownFault, type ProfileOperation } from '../adapter-kit/index.ts';
import type { Caller } from '../auth/caller.ts';
import { mayUse } from '../auth/permissions.ts';
import { SUPPORTING_TARGETS_MAX } from '../limits.ts';
import type { Target } from '../upstream/target.ts';

/** Reports whether a target has an operation. */
export function hasOperation({ connection }: Target, operation: ProfileOperation): boolean {
  switch (operation) {
    case 'list':
      return connection.list !== undefined;
    case 'create':
      return connection.create !== undefined;
    case 'delete':
      return connection.remove !== undefined;
  }
}

/** Returns the fault of an operation that a target lacks, and which targets have it. */
export function lacksOperation(
  { targets }: { readonly targets: ReadonlyMap<string, Target> },
  caller: Caller | undefined,
  target: Target,
  operation: ProfileOperation,
): Fault | undefined {
  if (hasOperation(target, operation)) return undefined;
  const supportedBy = [...targets.values()]
    .filter((other) => mayUse(caller, other.name) && hasOperation(other, operation))
    .slice(0, SUPPORTING_TARGETS_MAX)
    .map(({ name }) => name);
  const detail = `The target ${target.name} does not ${operation} profiles; nothing was sent.`;
  return ownFault('method_not_allowed', detail, { supportedBy });
}
