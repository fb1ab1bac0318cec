import type { Exchange } from '../../upstream/exchange.ts';
import { readWithRetry } from '../../upstream/send-with-retry.ts';
import type { WriteIntent } from '../../writes/write-intent.ts';
import type { RecordedEnd } from '../write-record.ts';

/**
 * Returns how a delete ended by what a read shows now; undefined while it may still be applied.
 * Without an exchange the profile cannot be read.
 */
export async function judgeDelete(
  { before, upstreamId }: Pick<WriteIntent, 'before' | 'upstreamId'>,
  inDoubtMs: number,
  exchange: Exchange | undefined,
): Promise<RecordedEnd | undefined> {
  const unconfirmed: readonly string[] = [];
  const unknown = (reason: string): RecordedEnd | undefined =>
    inDoubtMs > 0
      ? undefined
      : { outcome: 'unknown', reason, unconfirmed, code: 'outcome_unknown' };
  if (exchange === undefined) return unknown('read_back_failed');
  const { connection } = exchange.target;
  const read = await readWithRetry(exchange, connection.read(upstreamId));
  if (read.ok) {
    return inDoubtMs > 0 ? undefined : { outcome: 'rejected', reason: 'not_applied', unconfirmed };
  }
  if (read.fault.code !== 'profile_not_found') return unknown('read_back_failed');
  // Nothing was sent before the profile had been read.
  if (before === undefined) return { outcome: 'rejected', reason: 'not_applied', unconfirmed };
  if (connection.remove?.absence === 'deleted') {
    return { outcome: 'applied', evidence: 'read_back', unconfirmed };
  }
  return unknown('deleted_or_hidden');
}
