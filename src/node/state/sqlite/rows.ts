import type { SQLOutputValue } from 'node:sqlite';

/** A row as SQLite answers it. */
export type SqliteRow = Readonly<Record<string, SQLOutputValue>>;

/** Reads a column that holds an integer. Throws where it does not. */
export function integerAt(row: SqliteRow | undefined, column: string): number {
  const value = row?.[column];
  if (typeof value !== 'number') throw new TypeError(`${column} is no integer`);
  return value;
}

/** Reads a column that holds text. Throws where it does not. */
export function textAt(row: SqliteRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw new TypeError(`${column} is no text`);
  return value;
}

/** Reads a column that holds text or NULL. */
export function optionalTextAt(row: SqliteRow, column: string): string | undefined {
  return row[column] === null ? undefined : textAt(row, column);
}
