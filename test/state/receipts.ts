import type { StateDatabase, StoredReceipt } from '../../src/state/state-database.ts';

const PAGE = 500;

/** Every receipt of a state, the newest first. */
export async function allReceipts(database: StateDatabase): Promise<StoredReceipt[]> {
  const receipts: StoredReceipt[] = [];
  for (;;) {
    const before = receipts.at(-1)?.position;
    const page = await database.receipts({
      max: PAGE,
      ...(before === undefined ? {} : { before }),
    });
    if (page.length === 0) return receipts;
    receipts.push(...page);
  }
}
