/** The result code of SQLite by which an operation failed; undefined for any other error. */
export function sqliteCodeOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}

/** Results that mean that another connection is at work: `SQLITE_BUSY` and `SQLITE_LOCKED`. */
const BUSY_CODES: readonly number[] = [5, 6];

/** Reports whether an operation failed since another connection is at work. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCodeOf(error);
  // The lowest byte is the kind of failure, the others say more about it.
  return code !== undefined && BUSY_CODES.includes(code & 0xff);
}
