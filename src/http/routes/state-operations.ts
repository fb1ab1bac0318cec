import type { Context } from 'hono';
import { type Fault, ownFault } from '../../adapter-kit/index.ts';
import type { SharedStateView } from '../../state/shared-state.ts';
import { type StateDatabase, StateUnavailable } from '../../state/state-database.ts';
import type { SharedDrains } from '../../upstream/shared-drains.ts';
import type { Handler } from '../pipeline.ts';
import { respondProblem } from '../responses.ts';

/** The part of a shared state that operators use. */
export type StateOperations = Pick<
  StateDatabase,
  | 'receipts'
  | 'receipt'
  | 'listInDoubt'
  | 'inDoubtMs'
  | 'liftDoubt'
  | 'addReceipt'
  | 'figures'
  | 'replicas'
  | 'control'
  | 'link'
  | 'links'
  | 'changeLinks'
> & {
  readonly view: () => SharedStateView;
  /** Drains or undrains a target at every replica. */
  readonly changeDrain: SharedDrains['change'];
  /** Reads what holds for all replicas, and applies it. */
  readonly follow: () => Promise<void>;
};

/** The part of a process that says what outlives it. */
export type StatePart = {
  /** Absent: nothing outlives the process. */
  readonly operations?: StateOperations;
  /** Reach of counts and drains; absent: the process. */
  readonly reach?: 'process' | 'isolate';
};

/** Responds with the shared state: 404 where there is none, 503 where it does not answer. */
export function withState(
  { operations, reach }: StatePart,
  answer: (c: Context, state: StateOperations) => Response | Promise<Response>,
): Handler {
  return async (c) => {
    if (operations === undefined) return respondProblem(c, noState(reach));
    try {
      return await answer(c, operations);
    } catch (error) {
      if (error instanceof StateUnavailable) return respondProblem(c, stateSilent());
      throw error;
    }
  };
}

function noState(reach: StatePart['reach']): Fault {
  const detail =
    reach === 'isolate'
      ? 'On this runtime each profile keeps its own state and receipts, and links are in KV.'
      : 'Nothing outlives this process: set `state` in the configuration.';
  return ownFault('not_found', detail);
}

function stateSilent(): Fault {
  const detail = 'The state that replicas share does not answer.';
  return ownFault('state_unavailable', detail, { retryAfterSeconds: 1 });
}
