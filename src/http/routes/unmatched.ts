import { ownFault } from '../../adapter-kit/index.ts';
import { allowPreflight } from '../middleware/cors.ts';
import { ACCEPT_PATCH } from '../middleware/patch-body.ts';
import { allowOf, PATHS, pathOf } from '../paths.ts';
import type { Handler } from '../pipeline.ts';
import { emptyAnswer, respondProblem, setResponseHeader } from '../responses.ts';

/** Responds to a request that no route matches: another method of a path, or an unknown path. */
export function unmatched(hasMetrics: boolean): Handler {
  return (c) => {
    const path = pathOf(c.req.path);
    if (path === undefined || (path === '/metrics' && !hasMetrics)) {
      return respondProblem(c, ownFault('not_found', 'No such path: see GET /capabilities.'));
    }
    const methods = allowOf(PATHS[path]);
    setResponseHeader(c, 'Allow', methods);
    if (path === '/profiles/:id') setResponseHeader(c, 'Accept-Patch', ACCEPT_PATCH);
    if (c.req.method === 'OPTIONS') {
      allowPreflight(c, methods);
      return emptyAnswer(c, 204);
    }
    return respondProblem(c, ownFault('method_not_allowed', `The path accepts ${methods}.`));
  };
}
