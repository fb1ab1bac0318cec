import type { Handler } from '../../pipeline.ts';
import { type StatePart, withState } from '../state-operations.ts';

/** Handlers of the routes about match runs. */
export type MatchRoutes = Readonly<
  Record<'list' | 'start' | 'show' | 'confirm' | 'refuse' | 'resume' | 'stop', Handler>
>;

/** Returns the routes of a process that keeps no match runs. */
export function withoutMatches({ reach }: Pick<StatePart, 'reach'>): MatchRoutes {
  const absent = withState(reach === undefined ? {} : { reach }, () => {
    throw new Error('there is no state');
  });
  return {
    ...{ list: absent, start: absent, show: absent },
    ...{ confirm: absent, refuse: absent, resume: absent, stop: absent },
  };
}
