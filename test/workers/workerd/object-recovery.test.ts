import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import type { ConfigSnapshot } from '../../../src/config/snapshot.ts';
import { LOOK_AGAIN_MS_MAX, LOOKS_MAX } from '../../../src/limits.ts';
import type { LogRecord } from '../../../src/telemetry/log.ts';
import { createPorts } from '../../../src/workers/app.ts';
import { createObjectRecovery } from '../../../src/workers/object/object-recovery.ts';
import {
  begun,
  HASH_KEY,
  INTENT,
  inObject,
  openWriteOf,
  receiptOf,
  SETTLE_MS,
  startInstance,
  type TestClock,
  WRITE_MS,
} from './object-parts.ts';

type Gateway = () => Promise<ConfigSnapshot | undefined>;

/** The recovery of an instance, whose configuration is that of `gateway`. */
function recoveryOf(object: ReturnType<typeof startInstance>, clock: TestClock, gateway: Gateway) {
  const lines: LogRecord[] = [];
  const ports = {
    ...createPorts(env, { state: object.state }),
    now: () => clock.nowMs,
    log: (line: LogRecord) => void lines.push(line),
  };
  const { ledger, state } = object;
  const recover = createObjectRecovery({ ledger, state, ports, hashKey: HASH_KEY, gateway });
  return { recover, lines };
}

/** Runs the recovery whenever it is due until the write is closed; returns when it was. */
async function looksOf(
  object: ReturnType<typeof startInstance>,
  clock: TestClock,
  recover: () => Promise<void>,
): Promise<number[]> {
  const looks: number[] = [];
  for (;;) {
    const open = object.ledger.openWrite();
    if (open === undefined || looks.length > 2 * LOOKS_MAX) return looks;
    clock.nowMs = Math.max(clock.nowMs, open.lookAtMs);
    looks.push(clock.nowMs);
    await recover();
  }
}

test('a write that still runs is left alone until its vendor must be done', () =>
  inObject('still runs', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const object = startInstance(storage, clock);
    const lease = await begun(object, 'one', { intent: INTENT });
    const { lines, recover } = recoveryOf(object, clock, () => Promise.reject(new Error('asked')));
    await recover();
    expect(object.ledger.openWrite()?.looks).toBe(0);
    clock.nowMs += WRITE_MS;
    await recover();
    const settledMs = 1_000_000 + WRITE_MS + SETTLE_MS;
    expect(object.ledger.openWrite()).toMatchObject({ looks: 1, lookAtMs: settledMs });
    expect(object.state.end(lease)).toBeUndefined();
    expect(lines).toEqual([]);
  }));

test('without a configuration the looks are bounded, and then the end is unknown', () =>
  inObject('no configuration', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    await begun(startInstance(storage, clock), 'one', { intent: INTENT });
    const object = startInstance(storage, clock);
    const { lines, recover } = recoveryOf(object, clock, async () => undefined);
    const looks = await looksOf(object, clock, recover);
    expect(looks).toHaveLength(LOOKS_MAX);
    const waits = looks.slice(1).map((atMs, i) => atMs - (looks[i] ?? 0));
    expect(waits.slice(0, 3)).toEqual([4_000, 8_000, 16_000]);
    expect(Math.max(...waits)).toBe(LOOK_AGAIN_MS_MAX);
    expect(object.receipts.list({ max: 9 })).toMatchObject([
      { writeId: 'one', outcome: 'unknown', id: 'alice', target: 'prod' },
    ]);
    expect(lines).toMatchObject([{ event: 'recovered', outcome: 'unknown', writeId: 'one' }]);
  }));

test('a fault of its own is logged by its name, and looked over again', () =>
  inObject('a fault', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    await begun(startInstance(storage, clock), 'one', { intent: INTENT });
    const object = startInstance(storage, clock);
    const broken = new Map();
    broken.get = () => {
      throw new RangeError('CANARY');
    };
    const gateway = async () => ({ targets: broken }) as unknown as ConfigSnapshot;
    const { lines, recover } = recoveryOf(object, clock, gateway);
    await recover();
    expect(lines).toEqual([
      { level: 'error', event: 'recovery_failed', writeId: 'one', reason: 'RangeError' },
    ]);
    expect((object.ledger.openWrite()?.lookAtMs ?? 0) - clock.nowMs).toBe(4_000);
  }));

test('a configuration that cannot be had, and a storage that takes no end, are a look each', () =>
  inObject('failing', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    await begun(startInstance(storage, clock), 'one', { intent: INTENT });
    const object = startInstance(storage, clock);
    const rejecting = recoveryOf(object, clock, () => Promise.reject(new TypeError('CANARY')));
    await rejecting.recover();
    const failed = { level: 'error', event: 'recovery_failed', writeId: 'one' };
    expect(rejecting.lines).toEqual([{ ...failed, reason: 'TypeError' }]);
    expect(openWriteOf(object)).toMatchObject({ looks: 2, lookAtMs: clock.nowMs + 4_000 });

    clock.nowMs += WRITE_MS + SETTLE_MS;
    const none = async () => ({ targets: new Map() }) as unknown as ConfigSnapshot;
    const { lines, recover } = recoveryOf(object, clock, none);
    storage.sql.exec('ALTER TABLE receipt RENAME TO away');
    await recover();
    storage.sql.exec('ALTER TABLE away RENAME TO receipt');
    expect(lines).toMatchObject([failed]);
    expect(openWriteOf(object)).toMatchObject({ looks: 3, lookAtMs: clock.nowMs + 8_000 });
    clock.nowMs += 8_000;
    await recover();
    expect(object.receipts.find('one')).toMatchObject({ outcome: 'unknown' });
  }));

test('a write that ends while it is looked at is not closed once more', () =>
  inObject('ends meanwhile', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    const object = startInstance(storage, clock);
    const lease = await begun(object, 'one', { intent: INTENT });
    clock.nowMs += WRITE_MS + SETTLE_MS;
    const { lines, recover } = recoveryOf(object, clock, async () => {
      void object.state.end(lease, { receipt: receiptOf('one') });
      await begun(object, 'two', { intent: INTENT });
      return { targets: new Map() } as unknown as ConfigSnapshot;
    });
    await recover();
    expect(lines).toEqual([]);
    expect(object.receipts.list({ max: 9 })).toMatchObject([{ outcome: 'applied' }]);
    expect(openWriteOf(object)).toMatchObject({ writeId: 'two', looks: 0 });
  }));

test('the first look after the settle time is the last', () =>
  inObject('settled', async (storage) => {
    const clock = { nowMs: 1_000_000 };
    await begun(startInstance(storage, clock), 'one', { intent: INTENT });
    const object = startInstance(storage, clock);
    const none = async () => ({ targets: new Map() }) as unknown as ConfigSnapshot;
    const { recover } = recoveryOf(object, clock, none);
    const looks = await looksOf(object, clock, recover);
    expect(looks.at(-1)).toBe(1_000_000 + WRITE_MS + SETTLE_MS);
    expect(object.receipts.find('one')?.outcome).toBe('unknown');
  }));
