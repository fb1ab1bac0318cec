import { readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { isObject, type JsonObject, ownObject } from '../../../src/adapter-kit/index.ts';
import type { Subject } from '../../faults/subject.ts';
import { startHeldVendor } from '../../state/kills/held-vendor.ts';
import { call, MERGE_PATCH } from '../../support/client.ts';
import { startWorkerd } from './plain-workerd.ts';

const OPERATOR_KEY = 'CANARY-key-of-operators';
const authorization = `Bearer ${OPERATOR_KEY}`;

/** Keys and values, as the tests choose them. */
const OWN_SECRETS = /CANARY|w[12]000\d/;
/** Secrets of the targets, by the names of their settings. */
const SETTINGS = /"(?:password|token|accessKey|secretKey)":"([^"]+)"/g;

/** Longest wait for a step that needs no wait of its own. */
export const STEP_MS = 6_000;

/** One vendor, whose writes can be held, behind workerd, which can be killed meanwhile. */
export async function startStage(subject: Subject) {
  let held = 0;
  const vendor = await startHeldVendor(subject, () => {
    held += 1;
  });
  const worker = await startWorkerd({
    GATEWAY_CONFIG: JSON.stringify({
      ...vendor.document,
      callers: { ops: { key: OPERATOR_KEY, scopes: ['admin', 'profiles:read', 'profiles:write'] } },
    }),
    STATE_HASH_KEY: 'CANARY-key-of-hashes',
  });
  const document = JSON.stringify(vendor.document);
  const secrets = [...document.matchAll(SETTINGS)].map(([, secret = '']) => secret);
  expect(secrets.length).toBeGreaterThan(0);
  const profileAt = (index: number): string => `${subject.vendor}:${vendor.ids[index]}`;

  return {
    vendor,
    held: () => held,
    profileAt,
    /** Patches a profile by a value that carries `number`, with the key `key` where it has one. */
    patch: (index: number, number: number, key?: string) =>
      call(worker.origin(), `/profiles/${profileAt(index)}`, {
        method: 'PATCH',
        headers: {
          ...MERGE_PATCH,
          authorization,
          // Read first, so that it can be proven at each vendor that nothing was applied.
          'if-match': '*',
          ...(key === undefined ? {} : { 'idempotency-key': `CANARY-${key}` }),
        },
        body: JSON.stringify(patchOf(subject, number)),
      }),
    /** Receipts of a profile, the newest first. */
    receipts: async (index: number): Promise<JsonObject[]> => {
      const path = `/admin/receipts?profile=${profileAt(index)}`;
      const { json, status } = await call(worker.origin(), path, { headers: { authorization } });
      expect(status).toBe(200);
      return Array.isArray(json.receipts) ? json.receipts.filter(isObject) : [];
    },
    /** Kills workerd, and starts it again as if it had been down for so long. */
    restart: (downMs: number) =>
      worker.restart((files) => {
        expect(files.length).toBeGreaterThan(2);
        const stored = files.map((file) => readFileSync(file, 'latin1')).join('\n');
        expect(OWN_SECRETS.exec(stored)?.[0]).toBeUndefined();
        expect(secrets.filter((secret) => stored.includes(secret))).toEqual([]);
        const objects = files.filter((file) => /[0-9a-f]{64}\.sqlite$/.test(file));
        if (downMs > 0) for (const file of objects) setBack(file, downMs);
      }),
    stop: async () => {
      await worker.stop();
      await vendor.close();
    },
  };
}

/** Moves the begin of the open write of an object into the past. */
function setBack(file: string, ms: number): void {
  const db = new DatabaseSync(file);
  db.prepare('UPDATE lease SET began_at = began_at - ?1, look_at = look_at - ?1').run(ms);
  db.close();
}

function patchOf({ vendor }: Subject, number: number): JsonObject {
  const value = `w${number}`;
  if (vendor === 'senlin') return { attributes: { key: value } };
  return vendor === 'nerm' ? { attributes: { cost_centre: value } } : { description: value };
}

/** Waits until a step is done. */
export async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  const lateMs = performance.now() + STEP_MS;
  while (!(await isDone())) {
    if (performance.now() > lateMs) throw new Error('a step does not come');
    await sleep(50);
  }
}

/** The parts of an answer to a write that a repeat of it has in common with it. */
export function endOf({ headers, json, status }: Awaited<ReturnType<typeof call>>) {
  const outcome = ownObject(json, 'write')?.outcome ?? json.outcome;
  return [status, outcome, headers['idempotency-replayed'] ?? 'first'];
}
