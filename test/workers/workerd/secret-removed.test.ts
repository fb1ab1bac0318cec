import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import type { Environment } from '../../../src/workers/bindings.ts';
import { createProfileObject } from '../../../src/workers/object/profile-object.ts';
import { RECEIPT_MS } from '../../../src/workers/object/receipt-storage.ts';
import { hasWriteLedger } from '../../../src/workers/object/write-ledger.ts';
import { begun, INTENT, inObject, keyed, receiptOf, startInstance } from './object-parts.ts';

const { STATE_HASH_KEY: _removed, ...rest } = env;
const KEYLESS: Environment = rest;
const HOUR_MS = 3_600_000;

const demo = createSandboxSet(Date.now, sandboxes).demos.find(
  ({ target }) => target === 'senlin-demo',
);
const PATH = `/profiles/senlin-demo:${demo?.id}`;

/** The object of a profile as it is after the secret was taken away; its alarm wakes no other. */
function startKeyless(own: DurableObjectStorage) {
  const alarms: number[] = [];
  const setAlarm = async (atMs: number) => void alarms.push(atMs);
  const { kv, sql } = own;
  const transactionSync = (work: () => void) => own.transactionSync(work);
  const storage = { kv, sql, transactionSync, setAlarm } as unknown as DurableObjectStorage;
  return { ...createProfileObject(storage, KEYLESS, () => true), alarms };
}

function patch({ serve }: ReturnType<typeof startKeyless>, key: string) {
  return serve(
    new Request(`http://localhost${PATH}`, {
      method: 'PATCH',
      headers: {
        'content-type': 'application/merge-patch+json',
        'if-match': '*',
        'idempotency-key': key,
      },
      body: JSON.stringify({ attributes: { by: key } }),
    }),
  );
}

/** Takes away what the object itself has made. */
function clear({ sql }: DurableObjectStorage): void {
  for (const table of ['lease', 'receipt']) sql.exec(`DROP TABLE ${table}`);
}

test('an object that never had the secret keeps no tables', () =>
  inObject('never had it', async (storage) => {
    clear(storage);
    const object = startKeyless(storage);
    expect((await patch(object, 'one')).status).toBe(200);
    await object.wake();
    expect(hasWriteLedger(storage)).toBe(false);
  }));

test('a write that it left open is closed as unknown, and later ones are not recorded', () =>
  inObject('left open', async (storage) => {
    const clock = { nowMs: Date.now() - HOUR_MS };
    const before = startInstance(storage, clock);
    await begun(before, 'one', { intent: INTENT, ...keyed('same') });
    const object = startKeyless(storage);
    expect((await patch(object, 'two')).status).toBe(503);
    expect(object.alarms).not.toEqual([]);
    await object.wake();
    expect(before.receipts.list({ max: 9 })).toMatchObject([
      { writeId: 'one', outcome: 'unknown', target: 'prod' },
    ]);
    const answer = await patch(object, 'two');
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ write: { outcome: 'applied' } });
    expect(before.ledger.last()).toMatchObject({ writeId: 'one', fence: 1 });
    expect(before.receipts.list({ max: 9 })).toHaveLength(1);
    expect((await object.serve(new Request('http://localhost/admin/receipts'))).status).toBe(404);
  }));

test('receipts still expire', () =>
  inObject('expire', async (storage) => {
    const clock = { nowMs: Date.now() - RECEIPT_MS - HOUR_MS };
    const before = startInstance(storage, clock);
    before.receipts.add(receiptOf('old'));
    clock.nowMs = Date.now();
    await startKeyless(storage).wake();
    expect(before.receipts.list({ max: 9 })).toEqual([]);
  }));
