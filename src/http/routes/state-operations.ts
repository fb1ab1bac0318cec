import type { Context } from 'hono';
import { type Fault, ownFault } from '../../adapter-kit/index.ts';
import { LinksUnavailable } from '../../routing/links.ts';
import type { SharedStateView } from '../../state/shared-state.ts';
import { type StateDatabase, StateUnavailable } from '../../state/state-database.ts';
import type { SharedDrains } from '../../upstream/shared-drains.ts';
import type { Handler } from '../pipeline.ts';
import { respondProblem } from '../responses.ts';

/** The part of a state that shows writes to operators. */
export type WriteRecords = Pick<
  StateDatabase,
  'receipts' | 'receipt' | 'listInDoubt' | 'inDoubtMs' | 'liftDoubt' | 'addReceipt'
> & {
  /** Ends writes, as `StateDatabase` does. Absent: an open create cannot be ended here. */
  readonly end?: StateDatabase['end'];
};

/** The part of a shared state that operators use. */
export type StateOperations = WriteRecords &
  Pick<
    StateDatabase,
    'figures' | 'replicas' | 'control' | 'link' | 'links' | 'changeLinks' | 'matches'
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
  /** Writes of one profile alone, which the process is the object of. */
  readonly records?: WriteRecords;
  /** Each profile has an object with its records, to which requests are forwarded. */
  readonly isKeptByProfile?: boolean;
};

/** Responds with the shared state: 404 where there is none, 503 where it does not answer. */
export function withState(
  { operations, reach }: StatePart,
  answer: (c: Context, state: StateOperations) => Response | Promise<Response>,
): Handler {
  return withPart(operations, reach, answer);
}

/** Responds with the writes of the shared state, or of the profile of this object, likewise. */
export function withRecords(
  { operations, reach, records = operations }: StatePart,
  answer: (c: Context, records: WriteRecords) => Response | Promise<Response>,
): Handler {
  return withPart(records, reach, answer);
}

function withPart<T>(
  part: T | undefined,
  reach: StatePart['reach'],
  answer: (c: Context, part: T) => Response | Promise<Response>,
): Handler {
  return async (c) => {
    if (part === undefined) return respondProblem(c, noState(reach));
    try {
      return await answer(c, part);
    } catch (error) {
      const isSilent = error instanceof StateUnavailable || error instanceof LinksUnavailable;
      if (isSilent) return respondProblem(c, stateSilent());
      throw error;
    }
  };
}

function noState(reach: StatePart['reach']): Fault {
  const detail =
    reach === 'isolate'
      ? 'On this runtime each profile keeps its own state: receipts need the secret ' +
        'STATE_HASH_KEY. Links are in KV.'
      : 'Nothing outlives this process: set `state` in the configuration.';
  return ownFault('not_found', detail);
}

function stateSilent(): Fault {
  const detail = 'The state that replicas share does not answer.';
  return ownFault('state_unavailable', detail, { retryAfterSeconds: 1 });
}
