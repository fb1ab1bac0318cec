import { expect } from 'vitest';
import type { ReceiptRow } from '../../../src/state/state-database.ts';
import { ID, type TestReplica } from '../../state/replicas.ts';
import { mismatches } from '../openapi/response-check.ts';
import { type Asked, ask, waitFor } from './operating.ts';

export type View = { readonly writeId: string; readonly [name: string]: unknown };

export function receiptRow(writeId: string, more: Partial<ReceiptRow> = {}): ReceiptRow {
  const body = JSON.stringify({ requestId: `of ${writeId}`, upstreamId: ID });
  return {
    writeId,
    kind: 'write',
    key: 'none',
    id: 'emp-1',
    target: 'acme',
    caller: 'portal',
    outcome: 'applied',
    body,
    ...more,
  };
}

export async function fill({ database }: TestReplica, names: readonly string[]): Promise<void> {
  for (const name of names) await database.addReceipt(receiptRow(name));
}

export const range = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `w${from + i}`);

export const idsOf = (receipts: readonly View[]): string[] =>
  receipts.map(({ writeId }) => writeId);

export async function list(replica: TestReplica, query = '', asked: Asked = {}) {
  const { json, status, text } = await ask(replica, 'GET', `/admin/receipts${query}`, asked);
  expect({ status, text }).toMatchObject({ status: 200 });
  return { ids: idsOf(json.receipts), receipts: json.receipts as View[], next: json.next };
}

/** The lines of an export, and its last one. */
export async function exported(replica: TestReplica, query = '') {
  const accept = 'text/html;q=0.5, application/x-ndjson';
  const { headers, status, text } = await ask(replica, 'GET', `/admin/receipts${query}`, {
    headers: { accept },
  });
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('application/x-ndjson');
  expect(text.endsWith('\n')).toBe(true);
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const last = lines.pop();
  for (const line of lines) expect(mismatches('/components/schemas/Receipt', line)).toEqual([]);
  return { ids: idsOf(lines), last };
}

/** Waits for the receipt of an answered write: it is stored beside the answer. */
export async function receiptOf(replica: TestReplica, writeId: string | null): Promise<View> {
  const path = `/admin/receipts/${writeId}`;
  await waitFor(async () => (await ask(replica, 'GET', path)).status === 200);
  return (await ask(replica, 'GET', path, { by: 'watcher' })).json;
}
