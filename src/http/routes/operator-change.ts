import type { Context } from 'hono';
import { CHANGE_STORES_MAX } from '../../limits.ts';
import { StateUnavailable } from '../../state/state-database.ts';
import { addLogFields } from '../request-telemetry.ts';
import { setResponseHeader } from '../responses.ts';
import type { StateOperations } from './state-operations.ts';

/** A change that an operator has made. */
export type OperatorChange = {
  readonly kind: 'lift' | 'drain' | 'undrain';
  readonly outcome: 'applied' | 'noop';
  readonly target: string;
  /** The profile: its key, its id as the operator wrote it, and its id at the target. */
  readonly key?: string;
  readonly id?: string;
  readonly upstreamId?: string;
  readonly reason?: string;
};

/**
 * Stores the receipt of a change, and names it in the response and in the log. Rejects with
 * `StateUnavailable` where the state does not answer.
 */
export async function storeChange(
  c: Context,
  state: StateOperations,
  { id = '', key = '', kind, outcome, reason, target, upstreamId }: OperatorChange,
): Promise<string> {
  const { caller, requestId } = c.get('state');
  const { version } = c.get('gateway');
  const writeId = crypto.randomUUID();
  const body = JSON.stringify({ upstreamId, requestId, version, reason });
  const receipt = { writeId, kind, key, id, target, caller: caller?.name ?? '', outcome, body };
  for (let attempt = 1; ; attempt += 1) {
    try {
      await state.addReceipt(receipt);
      break;
    } catch (error) {
      // Stored twice, it is still one receipt.
      if (attempt >= CHANGE_STORES_MAX || !(error instanceof StateUnavailable)) throw error;
    }
  }
  addLogFields(c, { writeId });
  setResponseHeader(c, 'X-Write-Id', writeId);
  return writeId;
}
