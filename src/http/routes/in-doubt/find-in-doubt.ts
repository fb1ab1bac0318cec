import { PAGE_ROWS_PER_READ } from '../../../limits.ts';
import type { InDoubtRow } from '../../../state/state-database.ts';
import type { WriteRecords } from '../state-operations.ts';

/** Finds a row in doubt among those whose keys begin with `prefix`; no others are read. */
export async function findRow(
  { listInDoubt }: Pick<WriteRecords, 'listInDoubt'>,
  prefix: string,
  isWanted: (row: InDoubtRow) => boolean,
): Promise<InDoubtRow | undefined> {
  let rows: readonly InDoubtRow[] = [];
  let after = prefix;
  do {
    rows = await listInDoubt(PAGE_ROWS_PER_READ, after);
    const found = rows.find((row) => row.key.startsWith(prefix) && isWanted(row));
    if (found !== undefined) return found;
    after = rows.at(-1)?.key ?? after;
  } while (rows.length === PAGE_ROWS_PER_READ && after.startsWith(prefix));
  return undefined;
}

/** Finds one profile in doubt with its write. */
export async function findInDoubt(
  state: Pick<WriteRecords, 'inDoubtMs' | 'listInDoubt'>,
  key: string,
): Promise<InDoubtRow | undefined> {
  const [leftMs = 0] = await state.inDoubtMs([key]);
  if (leftMs <= 0) return undefined;
  // A list begins after a key: it has this one, and those that differ in what follows.
  const shared = [...key].slice(0, -1).join('');
  const found = await findRow(state, shared, (row) => row.key === key);
  return found ?? { key, leftMs, intent: undefined };
}
