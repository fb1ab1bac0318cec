import type { Handler } from '../../pipeline.ts';
import { type StatePart, withState } from '../state-operations.ts';

/** Handlers of the routes about links. */
export type LinkRoutes = Readonly<Record<'list' | 'show' | 'set' | 'remove' | 'import', Handler>>;

/** Returns the routes of a runtime whose state has no links. */
export function withoutLinks({ reach }: Pick<StatePart, 'reach'>): LinkRoutes {
  const absent = withState(reach === undefined ? {} : { reach }, () => {
    throw new Error('there is no state');
  });
  return { list: absent, show: absent, set: absent, remove: absent, import: absent };
}
