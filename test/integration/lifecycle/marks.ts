import { expect } from 'vitest';
import { profileKey } from '../../../src/routing/resolve.ts';
import type { ReceiptRow } from '../../../src/state/state-database.ts';
import type { TestReplica } from '../../state/replicas.ts';
import { ask, PROFILE, patch, type Start, type Vendor, waitFor } from './operating.ts';

export const SETTLE_MS = 60_000;
export const REASON = 'The vendor confirms that nothing is queued.';
export const LIFT = `/admin/in-doubt/${PROFILE}`;

export function keyOf({ gateway }: TestReplica, name: string, upstreamId: string): string {
  const target = gateway.targets.get(name);
  if (target === undefined) throw new Error(`no target ${name}`);
  return profileKey({ target, upstreamId });
}

/** Starts a replica, and leaves its profile in doubt; the answer of the write. */
export async function leaveInDoubt(start: Start, vendor: Vendor) {
  const replica = await start('a', { settleMs: SETTLE_MS });
  const { fetch } = vendor;
  let isLost = false;
  const lost = await start('b', {
    settleMs: SETTLE_MS,
    fetch: async (request) => {
      if (isLost || request.method === 'PATCH') {
        isLost = true;
        throw new Error('no answer');
      }
      return fetch(request);
    },
  });
  const answer = await patch(lost, { site: 'Berlin' });
  expect(answer.json).toMatchObject({ code: 'outcome_unknown' });
  await waitFor(async () => (await inDoubt(replica)).inDoubt.length === 1);
  return { replica, answer };
}

export async function inDoubt(replica: TestReplica, query = '') {
  const { json, status, text } = await ask(replica, 'GET', `/admin/in-doubt${query}`, {
    by: 'watcher',
  });
  expect({ status, text }).toMatchObject({ status: 200 });
  return json;
}

export async function lift(replica: TestReplica, id = PROFILE, reason = REASON) {
  return ask(replica, 'DELETE', `/admin/in-doubt/${id}`, { body: { reason } });
}

export const lifts = async ({ database }: TestReplica): Promise<ReceiptRow[]> =>
  (await database.receipts({ max: 100 })).filter(({ kind }) => kind === 'lift');
