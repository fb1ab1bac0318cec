import type {
  BeginItem,
  BeginRow,
  EndItem,
  LeaseName,
  ReceiptRow,
  StateDatabase,
} from '../../../src/state/state-database.ts';

/** One empty store; `connect` opens one more connection to it, `dispose` ends all of them. */
export type Store = {
  readonly connect: () => Promise<StateDatabase>;
  readonly dispose: () => Promise<void>;
};

export type OpenStore = () => Promise<Store>;

/** A key of a profile, as the gateway writes them. */
export const KEY = 'senlin:prod\nfff0';

/** A test, with two connections to one empty store. */
export type Case = (db: StateDatabase, other: StateDatabase) => Promise<void>;

/** Tests by their names, by what they are about. */
export type Chapter = Readonly<Record<string, Readonly<Record<string, Case>>>>;

export function startReplica(db: StateDatabase, name = 'gateway'): Promise<number> {
  return db.startReplica({ name, version: '1.0.0' });
}

export function beginItem(writeId: string, item: Partial<BeginItem> = {}): BeginItem {
  return { key: KEY, writeId, intent: `{"of":"${writeId}"}`, ...item };
}

/** Begins one write. */
export async function begin(
  db: StateDatabase,
  replica: number,
  writeId: string,
  item: Partial<BeginItem> = {},
): Promise<BeginRow> {
  return only(await db.begin(replica, [beginItem(writeId, item)]));
}

/** Begins one write, which has to begin. */
export async function begun(
  db: StateDatabase,
  replica: number,
  writeId: string,
  item: Partial<BeginItem> = {},
): Promise<LeaseName> {
  const row = await begin(db, replica, writeId, item);
  if (row.kind !== 'begun') throw new Error(`${writeId} has not begun: ${JSON.stringify(row)}`);
  return { key: item.key ?? KEY, fence: row.fence, writeId };
}

export function receiptRow(writeId: string, row: Partial<ReceiptRow> = {}): ReceiptRow {
  return {
    writeId,
    kind: 'write',
    key: KEY,
    id: 'alice',
    target: 'prod',
    caller: 'crm',
    outcome: 'applied',
    body: `{"requestId":"of ${writeId}"}`,
    ...row,
  };
}

/** Ends a lease with a receipt. */
export async function end(
  db: StateDatabase,
  lease: LeaseName,
  item: Partial<EndItem> = {},
): Promise<'stored' | 'fenced'> {
  const ending = { ...lease, doubtMs: 0, receipt: receiptRow(lease.writeId), ...item };
  return only(await db.end([ending]));
}

export async function inDoubtMs(db: StateDatabase, key = KEY): Promise<number> {
  return only(await db.inDoubtMs([key]));
}

export async function listInDoubt(db: StateDatabase, max = 100, after = '') {
  return await db.listInDoubt(max, after);
}

export async function receiptIds(
  db: StateDatabase,
  query: Partial<Parameters<StateDatabase['receipts']>[0]> = {},
): Promise<string[]> {
  const rows = await db.receipts({ max: 100, ...query });
  return rows.map(({ writeId }) => writeId);
}

/** A session that is closed while it holds a lease on `KEY`. */
export async function abandoned(db: StateDatabase, writeId: string): Promise<LeaseName> {
  const replica = await startReplica(db, 'dead');
  const lease = await begun(db, replica, writeId);
  await db.closeReplica(replica);
  return lease;
}

/** The item of a list of one. */
export function only<T>(items: readonly T[]): T {
  const [item] = items;
  if (item === undefined || items.length !== 1) throw new Error(`${items.length} items, not one`);
  return item;
}

/** Longest wait of a test for the clock of the database. */
const SETTLE_MS_MAX = 5_000;

/** Waits until a profile is settled. */
export async function settled(db: StateDatabase, key = KEY): Promise<void> {
  const lateMs = performance.now() + SETTLE_MS_MAX;
  for (;;) {
    const leftMs = await inDoubtMs(db, key);
    if (leftMs === 0) return;
    if (performance.now() > lateMs) throw new Error(`${leftMs} ms are left`);
    await sleep(leftMs);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
