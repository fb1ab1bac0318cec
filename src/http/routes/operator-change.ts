import type { Context } from 'hono';
import { CHANGE_STORES_MAX } from '../../limits.ts';
import type { LinkTargets } from '../../state/control/control-rows.ts';
import { type ReceiptRow, StateUnavailable } from '../../state/state-database.ts';
import { addLogFields } from '../request-telemetry.ts';
import { setResponseHeader } from '../responses.ts';
import type { WriteRecords } from './state-operations.ts';

/** Kinds of changes, as receipts name them. */
export const CHANGE_KINDS = [
  'lift',
  'drain',
  'undrain',
  'link',
  'unlink',
  'import_links',
  'match',
  'stop_match',
  'resume_match',
  'confirm_matches',
  'refuse_matches',
] as const;

/** A change that an operator has made. */
export type OperatorChange = {
  readonly kind: (typeof CHANGE_KINDS)[number];
  readonly outcome: 'applied' | 'noop';
  readonly target?: string;
  /** The profile: its key, its id as the operator wrote it, and its id at the target. */
  readonly key?: string;
  readonly id?: string;
  readonly upstreamId?: string;
  readonly reason?: string | undefined;
  /** Upstream ids that a link was set to. */
  readonly targets?: LinkTargets;
  /** Number of links that were set. */
  readonly links?: number;
  /** Id of a match run. */
  readonly match?: string;
  /** Number of pairs that were refused. */
  readonly refused?: number;
};

/** Returns the receipt of a change that is made now. */
export function changeReceipt(c: Context, change: OperatorChange): ReceiptRow {
  const { id = '', key = '', kind, links, outcome, reason, target = '', targets } = change;
  const { caller, requestId } = c.get('state');
  const { version } = c.get('gateway');
  const { match, refused, upstreamId } = change;
  const what = { upstreamId, targets, links, match, refused };
  const body = JSON.stringify({ ...what, requestId, version, reason });
  const writeId = crypto.randomUUID();
  return { writeId, kind, key, id, target, caller: caller?.name ?? '', outcome, body };
}

/** Names the receipt of a change in the response and in the log. */
export function noteReceipt(c: Context, { writeId }: Pick<ReceiptRow, 'writeId'>): void {
  addLogFields(c, { writeId });
  setResponseHeader(c, 'X-Write-Id', writeId);
}

/**
 * Stores the receipt of a change, and names it in the response and in the log. Rejects with
 * `StateUnavailable` where the state does not answer.
 */
export async function storeChange(
  c: Context,
  state: Pick<WriteRecords, 'addReceipt'>,
  change: OperatorChange,
): Promise<string> {
  const receipt = changeReceipt(c, change);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await state.addReceipt(receipt);
      break;
    } catch (error) {
      // Stored twice, it is still one receipt.
      if (attempt >= CHANGE_STORES_MAX || !(error instanceof StateUnavailable)) throw error;
    }
  }
  noteReceipt(c, receipt);
  return receipt.writeId;
}
