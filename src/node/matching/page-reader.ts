import { fail, ownFault } from '../../adapter-kit/index.ts';
import type { MatchingPorts } from '../../matching/matching-ports.ts';
import type { Ports } from '../../ports.ts';
import { createPageReader } from '../../profiles/listing/list-profiles.ts';
import type { Target } from '../../upstream/target.ts';

/** Creates a function that reads the targets in force page by page, each by its name. */
export function createTargetReader(
  ports: Ports,
  targets: () => ReadonlyMap<string, Target>,
): MatchingPorts['listPage'] {
  const readPage = createPageReader(ports);
  return async (name, cursor) => {
    const target = targets().get(name);
    if (target !== undefined) return readPage(target, cursor);
    return fail(ownFault('unknown_target', `There is no target ${name} any more.`));
  };
}
