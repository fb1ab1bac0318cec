import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { nerm, SUBJECTS } from '../../faults/subjects.ts';
import { endOf, STEP_MS, startStage, until } from './stopped-object.ts';

/** Time for which a write may be sent after it began. */
const WRITE_MS = 25_000;
const HOUR_MS = 3_600_000;
const TEST_MS = 120_000;

/** Ends of writes that their objects do not see; a value that is found in the storage fails. */
const WRITES = [
  { fate: 'applied', number: 10_001 },
  { fate: 'late', number: 10_002 },
  { fate: 'dropped', number: 10_003 },
] as const;

const vendors = SUBJECTS.filter(({ name }) => name !== 'iam (keystone)');

describe.concurrent.each(vendors)('$name', (subject) => {
  test('a write whose object is stopped has a true end', { timeout: TEST_MS }, async () => {
    const stage = await startStage(subject);
    const { patch, receipts, vendor } = stage;
    try {
      for (const [index, { fate, number }] of WRITES.entries()) {
        vendor.setFate(fate);
        void patch(index, number, `key-${number}`).catch(() => {});
        await until(() => stage.held() === index + 1);
      }
      await stage.restart(0);
      vendor.setFate('answered');
      // A late one has come by then. Each object is woken by the first question.
      await until(() => vendor.hasStored(WRITES[0].number));
      await until(async () => (await receipts(0)).length > 0);
      // What the vendor was never asked for may still come, as far as anybody knows.
      expect(endOf(await patch(2, 10_009))).toEqual([503, 'rejected', 'first']);
      expect(endOf(await patch(2, 10_003, 'key-10003'))).toEqual([504, 'unknown', 'true']);
      expect(await receipts(2)).toEqual([]);

      await stage.restart(HOUR_MS);
      for (const [index, { number }] of WRITES.entries()) {
        await until(async () => (await receipts(index)).length > 0);
        const isStored = vendor.hasStored(number);
        const outcome = isStored ? 'applied' : 'rejected';
        const status = isStored ? 200 : 502;
        const [receipt, ...more] = await receipts(index);
        expect(receipt).toMatchObject({ outcome, recoveredBy: 'object', kind: 'write', fence: 1 });
        expect(more).toEqual([]);
        const repeat = await patch(index, number, `key-${number}`);
        expect(endOf(repeat)).toEqual([status, outcome, 'true']);
        expect(repeat.headers['x-write-id']).toBe(receipt?.writeId);
        expect(vendor.hasStored(number)).toBe(isStored);
        expect(endOf(await patch(index, 20_000 + index))).toEqual([200, 'applied', 'first']);
        expect((await receipts(index))[0]).toMatchObject({ outcome: 'applied', fence: 2 });
      }
      expect(WRITES.map(({ number }) => vendor.hasStored(number)).at(-1)).toBe(false);
      await stage.restart(0);
    } finally {
      await stage.stop();
    }
  });
});

test('an object that nobody asks is woken by its alarm', { timeout: TEST_MS }, async () => {
  const stage = await startStage(nerm);
  try {
    stage.vendor.setFate('applied');
    void stage.patch(0, 10_001).catch(() => {});
    await until(() => stage.held() === 1);
    await stage.restart(0);
    stage.vendor.setFate('answered');
    await sleep(WRITE_MS + STEP_MS);
    const askedMs = Date.now();
    const [receipt] = await stage.receipts(0);
    expect(receipt).toMatchObject({ outcome: 'applied', recoveredBy: 'object' });
    expect(askedMs - Date.parse(String(receipt?.at))).toBeGreaterThan(STEP_MS / 2);
  } finally {
    await stage.stop();
  }
});
