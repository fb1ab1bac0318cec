import { ownFault } from '../../adapter-kit/index.ts';
import { mayUse } from '../../auth/permissions.ts';
import { capabilitiesOf } from '../../profiles/capabilities.ts';
import { foreignTarget } from '../../routing/resolve.ts';
import type { Handler } from '../pipeline.ts';
import { jsonText, respondProblem } from '../responses.ts';

/** `GET /capabilities`: the targets that the caller may use. */
export const listCapabilities: Handler = (c) => {
  const { caller } = c.get('state');
  const targets = [...c.get('gateway').targets.values()];
  const usable = targets.filter(({ name }) => mayUse(caller, name));
  return jsonText(c, { targets: usable.map(capabilitiesOf) });
};

/** `GET /capabilities/{target}`. */
export const showCapabilities: Handler = (c) => {
  const name = c.req.param('target') ?? '';
  if (!mayUse(c.get('state').caller, name)) return respondProblem(c, foreignTarget());
  const target = c.get('gateway').targets.get(name);
  if (target !== undefined) return jsonText(c, capabilitiesOf(target));
  return respondProblem(c, ownFault('unknown_target', 'No target has this name.'));
};
