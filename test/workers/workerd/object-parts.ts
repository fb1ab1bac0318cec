import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { createLocalState } from '../../../src/state/local-state.ts';
import type { ReceiptRow } from '../../../src/state/state-database.ts';
import type { BeginRequest, Lease } from '../../../src/state/state-store.ts';
import { createStoredAnswers } from '../../../src/workers/object/answer-storage.ts';
import { createStoredDoubts } from '../../../src/workers/object/in-doubt-storage.ts';
import { createStoredReceipts } from '../../../src/workers/object/receipt-storage.ts';
import { createRecordedState } from '../../../src/workers/object/recorded-state.ts';
import { createWriteLedger } from '../../../src/workers/object/write-ledger.ts';

export const KEY = 'senlin:prod\nfff0';
/** A key that creates wait under. */
export const CREATE_KEY = 'senlin:prod\n\nhash';
export const WRITE_MS = 25_000;
export const SETTLE_MS = 10_000;

export const HASH_KEY = 'hash-key';

/** An intent of a write to a target that no configuration has. */
export const INTENT = JSON.stringify({
  form: 1,
  target: 'prod',
  upstreamId: 'fff0',
  id: 'alice',
  requestId: 'r',
  version: 'v',
  settleMs: SETTLE_MS,
  changes: [],
});

/** Time of the tests, which stands still. */
export type TestClock = { nowMs: number };

/** Runs `work` with the storage of an object that nothing else uses. */
export function inObject<T>(name: string, work: (storage: DurableObjectStorage) => T | Promise<T>) {
  // Files that share the runtime may choose the same name.
  const object = env.PROFILE_WRITER.getByName(`${name} ${crypto.randomUUID()}`);
  return runInDurableObject(object, (_, { storage }) => work(storage));
}

/** The parts of one instance of an object; made anew over the same storage, those of the next. */
export function startInstance(storage: DurableObjectStorage, clock: TestClock) {
  const now = (): number => clock.nowMs;
  const wakes: (number | undefined)[] = [];
  const ledger = createWriteLedger(storage);
  const receipts = createStoredReceipts(storage, now);
  const answers = createStoredAnswers(storage, () => {}, now);
  const local = createLocalState({
    doubts: createStoredDoubts(storage, now),
    answers,
    lockScope: 'global',
  });
  const state = createRecordedState({
    local,
    answers,
    ledger,
    receipts,
    hashKey: HASH_KEY,
    atomically: (work) => storage.transactionSync(work),
    writeMs: WRITE_MS,
    settleMs: () => SETTLE_MS,
    now,
    wakeBy: (atMs) => wakes.push(atMs),
  });
  return { state, ledger, receipts, answers, wakes };
}

export function request(writeId: string, more: Partial<BeginRequest> = {}): BeginRequest {
  return { key: KEY, writeId, waitMsMax: 0, intent: `{"of":"${writeId}"}`, ...more };
}

export function keyed(keyHash: string) {
  return { idempotency: { caller: 'crm', id: 'alice', keyHash, fingerprint: 'f' } };
}

/** Returns the open write, which there has to be. */
export function openWriteOf({ ledger }: Pick<ReturnType<typeof startInstance>, 'ledger'>) {
  const open = ledger.openWrite();
  if (open === undefined) throw new Error('no write is open');
  return open;
}

/** Begins a write, which has to begin. */
export async function begun(
  { state }: Pick<ReturnType<typeof startInstance>, 'state'>,
  writeId: string,
  more: Partial<BeginRequest> = {},
): Promise<Lease> {
  const lease = await state.begin(request(writeId, more));
  if (lease.kind !== 'begun') throw new Error(`${writeId} has not begun: ${lease.kind}`);
  return lease;
}

export function receiptOf(writeId: string, more: Partial<ReceiptRow> = {}): ReceiptRow {
  const known = { kind: 'write', key: KEY, id: 'alice', target: 'prod', caller: 'crm' };
  return { ...known, writeId, outcome: 'applied', body: '{}', ...more };
}
