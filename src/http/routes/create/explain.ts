import type { Ports } from '../../../ports.ts';
import { explainCreate } from '../../../profiles/create/explain-create.ts';
import type { CreateInput } from '../../middleware/profile-request.ts';
import type { Handler } from '../../pipeline.ts';
import { addLogFields, portsOf } from '../../request-telemetry.ts';
import { jsonText, respondProblem } from '../../responses.ts';
import { targetOfCreate } from './create.ts';
import { linksOfCreate } from './create-links.ts';

/** `POST /profiles/explain`. */
export function explainNewProfile(ports: Ports): Handler<CreateInput> {
  return async (c) => {
    const { caller } = c.get('state');
    const gateway = c.get('gateway');
    const { prefer: preferences } = c.req.valid('header');
    const { entries, id, target: name } = c.req.valid('json');
    const target = targetOfCreate(c, name);
    if (!target.ok) return respondProblem(c, target.fault);
    addLogFields(c, { id, target: target.value.name });
    const links = await linksOfCreate(c, ports, target.value, id);
    const asked = { target: target.value, id, entries, preferences, caller };
    const request = { ...asked, version: gateway.version };
    return jsonText(c, await explainCreate(gateway, portsOf(c, ports), request, links));
  };
}
