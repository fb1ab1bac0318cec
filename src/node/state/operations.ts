import type { StateOperations } from '../../http/routes/state-operations.ts';
import type { OpenState } from './open-state.ts';

/** Returns what operators may ask of an open state; its writes are not among it. */
export function operationsOf({
  database,
  shared,
}: Pick<OpenState, 'database' | 'shared'>): StateOperations {
  const { addReceipt, inDoubtMs, liftDoubt, listInDoubt, receipt, receipts } = database;
  return { addReceipt, inDoubtMs, liftDoubt, listInDoubt, receipt, receipts, view: shared.view };
}
