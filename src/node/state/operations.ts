import type { StateOperations } from '../../http/routes/state-operations.ts';
import type { SharedDrains } from '../../upstream/shared-drains.ts';
import type { OpenState } from './open-state.ts';

/** Returns what operators may ask of an open state; to begin a write is not among it. */
export function operationsOf(
  { database, shared }: Pick<OpenState, 'database' | 'shared'>,
  drains: Pick<SharedDrains, 'change'>,
): StateOperations {
  const { addReceipt, figures, receipt, receipts } = database;
  const { end, inDoubtMs, liftDoubt, listInDoubt } = database;
  const { changeLinks, control, link, links, matches, replicas } = database;
  return {
    ...{ addReceipt, figures, receipt, receipts },
    ...{ end, inDoubtMs, liftDoubt, listInDoubt },
    ...{ changeLinks, control, link, links, matches, replicas },
    changeDrain: drains.change,
    view: shared.view,
    follow: shared.follow,
  };
}
