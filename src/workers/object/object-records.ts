import type { WriteRecords } from '../../http/routes/state-operations.ts';
import type { Lease } from '../../state/state-store.ts';
import type { StoredReceipts } from './receipt-storage.ts';
import type { RecordedState } from './recorded-state.ts';
import type { WriteLedger } from './write-ledger.ts';

export type ObjectRecordsOptions = {
  readonly ledger: WriteLedger;
  readonly receipts: StoredReceipts;
  readonly state: RecordedState;
  readonly now: () => number;
};

/** Returns what operators may ask of an object, which knows its own profile alone. */
export function createObjectRecords(options: ObjectRecordsOptions): WriteRecords {
  const { ledger, now, receipts, state } = options;
  return {
    receipts: async (query) => receipts.list(query),
    receipt: async (writeId) => receipts.find(writeId),
    addReceipt: async (receipt) => {
      // A caller that stores one again does so since it does not know of the first.
      if (receipts.find(receipt.writeId) === undefined) receipts.add(receipt);
    },
    inDoubtMs: (keys) => Promise.all(keys.map((key) => state.inDoubtMs({ key }))),
    listInDoubt: async (_max, after) => {
      const last = ledger.last();
      if (last === undefined || last.key <= after) return [];
      const { beganAtMs, intent, key, writeId } = last;
      const leftMs = await state.inDoubtMs({ key });
      const known = { intent, writeId, ageMs: Math.max(0, now() - beganAtMs) };
      return leftMs > 0 ? [{ key, leftMs, ...known }] : [];
    },
    liftDoubt: async (key) => {
      const isOpen = ledger.openWrite() !== undefined;
      if (isOpen || (await state.inDoubtMs({ key })) <= 0) return false;
      const lease: Lease = { kind: 'begun', key, writeId: '', fence: 0 };
      state.clearInDoubt(lease);
      return true;
    },
  };
}
