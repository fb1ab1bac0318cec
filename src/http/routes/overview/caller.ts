import { optional } from '../../../adapter-kit/index.ts';
import { SCOPES } from '../../../auth/caller.ts';
import { listenerOf } from '../../middleware/entry.ts';
import type { Handler } from '../../pipeline.ts';
import { jsonText } from '../../responses.ts';

/** The caller of a request, and what the gateway allows it there. */
export type CallerView = {
  /** Absent where nobody has to show who calls. */
  readonly caller?: string;
  readonly scopes: readonly string[];
};

/** `GET /admin/caller`. */
export const showCaller: Handler = (c) => {
  const { caller } = c.get('state');
  const { callers } = c.get('gateway');
  const ofEverybody = SCOPES.filter(
    (scope) => callers === undefined || !scope.startsWith('profiles:'),
  );
  const isOpen = callers === undefined || listenerOf(c) === 'admin-open';
  const view: CallerView = {
    ...optional('caller', caller?.name),
    scopes: isOpen ? ofEverybody : SCOPES.filter((scope) => caller?.scopes.has(scope)),
  };
  return jsonText(c, view);
};
