import { expect, test } from 'vitest';
import { OBJECT_RECEIPT_CHARACTERS_MAX, OBJECT_RECEIPTS_MAX } from '../../../src/limits.ts';
import { createObjectAlarm } from '../../../src/workers/object/object-alarm.ts';
import { createStoredReceipts, RECEIPT_MS } from '../../../src/workers/object/receipt-storage.ts';
import { inObject, receiptOf } from './object-parts.ts';

test('receipts are listed by every filter, the newest first', () =>
  inObject('filters', (storage) => {
    let nowMs = 1_000;
    const receipts = createStoredReceipts(storage, () => nowMs);
    for (const [writeId, more] of [
      ['one', {}],
      ['two', { id: 'bob', caller: 'hr' }],
      ['three', { target: 'test', outcome: 'unknown' }],
    ] as const) {
      receipts.add(receiptOf(writeId, more));
      nowMs += 1_000;
    }
    const ids = (query: object): string[] =>
      receipts.list({ max: 9, ...query }).map(({ writeId }) => writeId);
    expect(ids({})).toEqual(['three', 'two', 'one']);
    expect(ids({ max: 1 })).toEqual(['three']);
    expect(ids({ before: 3 })).toEqual(['two', 'one']);
    expect(ids({ id: 'bob' })).toEqual(['two']);
    expect(ids({ caller: 'crm', target: 'prod' })).toEqual(['one']);
    expect(ids({ outcome: 'unknown' })).toEqual(['three']);
    expect(ids({ key: 'another' })).toEqual([]);
    expect(ids({ sinceMs: 2_000, untilMs: 3_000 })).toEqual(['two']);
    expect(receipts.find('two')).toMatchObject({ position: 2, atMs: 2_000, caller: 'hr' });
    expect(receipts.find('four')).toBeUndefined();
  }));

test('an object keeps a bounded number of receipts, for a bounded time', () =>
  inObject('many receipts', (storage) => {
    let nowMs = 1_000_000;
    const receipts = createStoredReceipts(storage, () => nowMs);
    for (let i = 0; i <= OBJECT_RECEIPTS_MAX; i += 1) receipts.add(receiptOf(`w${i}`));
    const oldest = (): string | undefined => receipts.list({ max: 99_999 }).at(-1)?.writeId;
    expect(oldest()).toBe('w1');
    expect(receipts.dueMs()).toBe(nowMs + RECEIPT_MS);
    nowMs += RECEIPT_MS;
    receipts.add(receiptOf('young'));
    while ((receipts.dueMs() ?? nowMs + 1) <= nowMs) receipts.prune();
    expect(oldest()).toBe('young');
  }));

test('an object keeps a bounded length of receipts', () =>
  inObject('long receipts', (storage) => {
    const receipts = createStoredReceipts(storage);
    const body = JSON.stringify('x'.repeat(400_000));
    const fitting = Math.floor(OBJECT_RECEIPT_CHARACTERS_MAX / body.length);
    for (let i = 0; i < fitting + 5; i += 1) receipts.add(receiptOf(`w${i}`, { body }));
    const kept = receipts.list({ max: 999 });
    expect(kept.length).toBeGreaterThanOrEqual(fitting);
    expect(kept.length).toBeLessThanOrEqual(fitting + 1);
  }));

test('the alarm is set for the first that is due, and not again for what comes later', () => {
  const set: number[] = [];
  const dues: (number | undefined)[] = [undefined];
  let nowMs = 1_000;
  const alarm = createObjectAlarm(
    { setAlarm: async (atMs) => void set.push(Number(atMs)) },
    () => dues[0],
    () => nowMs,
  );
  alarm.wakeBy();
  expect(set).toEqual([]);
  dues[0] = 5_000;
  alarm.wakeBy(9_000);
  expect(set).toEqual([5_000]);
  alarm.wakeBy(6_000);
  alarm.wakeBy();
  expect(set).toEqual([5_000]);
  dues[0] = 2_000;
  alarm.wakeBy(2_000);
  expect(set).toEqual([5_000, 2_000]);
  nowMs = 3_000;
  dues[0] = 2_500;
  alarm.rung();
  alarm.wakeBy();
  expect(set).toEqual([5_000, 2_000, 3_000]);
});
