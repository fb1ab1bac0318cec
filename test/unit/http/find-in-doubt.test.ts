import { expect, test } from 'vitest';
import { findInDoubt, findRow } from '../../../src/http/routes/in-doubt/find-in-doubt.ts';
import { PAGE_ROWS_PER_READ } from '../../../src/limits.ts';
import type { InDoubtRow } from '../../../src/state/state-database.ts';

/** Rows in doubt with these keys, and the places after which they were read. */
function rowsOf(keys: readonly string[]) {
  const rows = keys.toSorted().map((key): InDoubtRow => ({ key, leftMs: 1, intent: undefined }));
  const reads: string[] = [];
  const listInDoubt = async (max: number, after: string) => {
    reads.push(after);
    return rows.filter(({ key }) => key > after).slice(0, max);
  };
  const inDoubtMs = async (asked: readonly string[]) =>
    asked.map((key) => (keys.includes(key) ? 1 : 0));
  return { reads, state: { listInDoubt, inDoubtMs } };
}

function many(prefix: string): string[] {
  return Array.from({ length: 3 * PAGE_ROWS_PER_READ }, (_, i) => `${prefix}${1_000_000 + i}`);
}

test('rows with other begins are not read', async () => {
  const others = [...many('a\n'), ...many('c\n')];
  const { reads, state } = rowsOf([...others, 'b\n1', 'b\n2']);
  const find = (wanted: string) => findRow(state, 'b\n', ({ key }) => key === wanted);
  expect((await find('b\n2'))?.key).toBe('b\n2');
  expect(await find('b\n3')).toBeUndefined();
  expect(await find('c\n1000000')).toBeUndefined();
  expect(reads).toEqual(['b\n', 'b\n', 'b\n']);
});

test('all pages of a begin are read', async () => {
  const { reads, state } = rowsOf(many('b\n'));
  const last = many('b\n').at(-1) ?? '';
  expect((await findRow(state, 'b\n', ({ key }) => key === last))?.key).toBe(last);
  expect(reads).toHaveLength(3);
});

test('a profile in doubt is found among many with one read', async () => {
  const { reads, state } = rowsOf([...many('a\n'), 'b\n𝒳', 'b\n𝒴', ...many('c\n')]);
  expect((await findInDoubt(state, 'b\n𝒴'))?.key).toBe('b\n𝒴');
  expect(await findInDoubt(state, 'b\nz')).toBeUndefined();
  expect(reads).toEqual(['b\n']);
});
