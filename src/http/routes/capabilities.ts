import { ownFault } from '../../adapter-kit/index.ts';
import { mayUse } from '../../auth/permissions.ts';
import type { Ports } from '../../ports.ts';
import { capabilitiesOf } from '../../profiles/capabilities.ts';
import { foreignTarget } from '../../routing/resolve.ts';
import type { Handler } from '../pipeline.ts';
import { jsonText, respondProblem } from '../responses.ts';
import type { StatePart } from './state-operations.ts';

/** Receipts that operators can ask for: none, all at once, or those of a profile they name. */
export const RECEIPT_LISTS = ['none', 'all', 'by_profile'] as const;

/** `GET /capabilities`: the targets that the caller may use, and what is kept of writes. */
export function listCapabilities({ state }: Ports, part: StatePart): Handler {
  const { isKeptByProfile, operations } = part;
  const listed = operations === undefined ? 'none' : 'all';
  const receipts: (typeof RECEIPT_LISTS)[number] = isKeptByProfile === true ? 'by_profile' : listed;
  const writes = { lockScope: state.lockScope, receipts };
  return (c) => {
    const { caller } = c.get('state');
    const targets = [...c.get('gateway').targets.values()];
    const usable = targets.filter(({ name }) => mayUse(caller, name));
    return jsonText(c, { writes, targets: usable.map(capabilitiesOf) });
  };
}

/** `GET /capabilities/{target}`. */
export const showCapabilities: Handler = (c) => {
  const name = c.req.param('target') ?? '';
  if (!mayUse(c.get('state').caller, name)) return respondProblem(c, foreignTarget());
  const target = c.get('gateway').targets.get(name);
  if (target !== undefined) return jsonText(c, capabilitiesOf(target));
  return respondProblem(c, ownFault('unknown_target', 'No target has this name.'));
};
