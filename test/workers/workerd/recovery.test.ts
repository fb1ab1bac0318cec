import {
  abortAllDurableObjects,
  runDurableObjectAlarm,
  runInDurableObject,
  SELF,
} from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { expect, test } from 'vitest';
import { createSandboxSet, sandboxConfiguration } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { LOOKS_MAX } from '../../../src/limits.ts';
import { createStoredAnswers } from '../../../src/workers/object/answer-storage.ts';
import { createStoredDoubts } from '../../../src/workers/object/in-doubt-storage.ts';
import { createWriteLedger } from '../../../src/workers/object/write-ledger.ts';

type Vendor = {
  readonly name: string;
  readonly api: string;
  readonly patchOf: (by: string) => object;
};

/** Vendors whose writes are cut off, with a patch that they take. */
const SENLIN: Vendor = { name: 'senlin', api: 'senlin', patchOf: (by) => ({ attributes: { by } }) };
const NERM: Vendor = {
  name: 'nerm',
  api: 'nerm/api',
  patchOf: (by) => ({ attributes: { remarks: by } }),
};
const VENDORS = [SENLIN, NERM];

const set = createSandboxSet(Date.now, sandboxes);
const { demos } = set;
const TOKEN = /"token":"([^"]+)"/.exec(JSON.stringify(sandboxConfiguration(set, 'https://x')))?.[1];
const HASH_KEY = env.STATE_HASH_KEY;

function profileOf({ name }: Vendor): string {
  const demo = demos.find(({ target }) => target === `${name}-demo`);
  return `${name}-demo:${demo?.id}`;
}

function keyOf(vendor: Vendor): string {
  const [, upstreamId] = profileOf(vendor).split(':');
  return `account ${vendor.name} https://sandboxes.invalid/${vendor.api}\n${upstreamId}`;
}

const objectOf = (vendor: Vendor) => env.PROFILE_WRITER.getByName(keyOf(vendor));

async function ask(path: string, init?: RequestInit) {
  const answer = await SELF.fetch(`http://localhost${path}`, init);
  const text = await answer.text();
  const json: Record<string, unknown> = text.startsWith('{"receipts"') ? {} : JSON.parse(text);
  return { status: answer.status, headers: answer.headers, json, text };
}

function patch(vendor: Vendor, by: string, key?: string) {
  return ask(`/profiles/${profileOf(vendor)}`, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/merge-patch+json',
      // Read first, so that it can be proven that nothing was applied.
      'if-match': '*',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(vendor.patchOf(by)),
  });
}

const WRITE_MS = 25_000;

/** Stops the object, and leaves the last write in its storage as it was before its end. */
async function cutOff(vendor: Vendor, agoMs: number): Promise<void> {
  await runInDurableObject(objectOf(vendor), (_, { storage }) => {
    const beganAtMs = Date.now() - agoMs;
    storage.sql.exec('DELETE FROM receipt WHERE position = (SELECT max(position) FROM receipt)');
    storage.sql.exec(
      'UPDATE lease SET is_open = 1, looks = 0, began_at = ?, look_at = ?',
      beganAtMs,
      beganAtMs + WRITE_MS,
    );
    const last = createWriteLedger(storage).last();
    const answers = createStoredAnswers(storage, () => {});
    const answer = answers.find(last?.keyHash ?? '');
    if (last?.keyHash === undefined || answer === undefined) return;
    const { keyHash, writeId } = last;
    const named = { ...answer, caller: '', id: profileOf(vendor), keyHash, writeId };
    answers.store({ ...named, outcome: 'unknown', sealed: '' });
    createStoredDoubts(storage).mark(last.key, 60_000);
  });
  await abortAllDurableObjects();
}

async function receiptsOf(vendor: Vendor): Promise<Record<string, unknown>[]> {
  const { text } = await ask(`/admin/receipts?profile=${profileOf(vendor)}`);
  return JSON.parse(text).receipts;
}

test.each(VENDORS)('$name: a write that was applied is closed at once', async (vendor) => {
  const first = await patch(vendor, 'applied', `key-${vendor.name}`);
  expect(first.status).toBe(200);
  const writeId = first.headers.get('x-write-id') ?? '';
  await cutOff(vendor, 1_000);
  const early = await patch(vendor, 'another');
  expect([early.status, early.json.code]).toEqual([503, 'profile_in_doubt']);
  await runDurableObjectAlarm(objectOf(vendor));
  const [receipt] = await receiptsOf(vendor);
  expect(receipt).toMatchObject({ writeId, outcome: 'applied', recoveredBy: 'object' });
  expect(receipt).toMatchObject({ evidence: 'read_back', fence: 1, kind: 'write' });
  const shown = await ask(`/admin/receipts/${writeId}?profile=${profileOf(vendor)}`);
  expect([shown.status, shown.json.writeId]).toEqual([200, writeId]);

  const repeat = await patch(vendor, 'applied', `key-${vendor.name}`);
  expect([repeat.status, repeat.headers.get('idempotency-replayed')]).toEqual([200, 'true']);
  expect(repeat.headers.get('x-write-id')).toBe(writeId);
  expect(repeat.json).toMatchObject({ write: { outcome: 'applied', evidence: 'read_back' } });
  expect((await patch(vendor, 'another')).status).toBe(200);
});

test('one that may still be applied is looked at again until its vendor must be done', async () => {
  const vendor = SENLIN;
  await patch(vendor, 'before');
  await patch(vendor, 'lost');
  // As if the write of "lost" had never come; the profile shows another value than it would.
  await patch(vendor, 'before');
  await runInDurableObject(objectOf(vendor), (_, { storage }) => {
    const [lost] = storage.sql
      .exec<{ body: string }>('SELECT body FROM receipt ORDER BY position DESC LIMIT 1 OFFSET 1')
      .toArray();
    const { changes } = JSON.parse(lost?.body ?? '');
    const intent = JSON.parse(createWriteLedger(storage).last()?.intent ?? '');
    storage.sql.exec('UPDATE lease SET intent = ?', JSON.stringify({ ...intent, changes }));
  });
  await cutOff(vendor, 1_000);
  await runDurableObjectAlarm(objectOf(vendor));
  // It may still be applied, so that there is no receipt yet, and a next look is due.
  expect((await receiptsOf(vendor))[0]).not.toHaveProperty('recoveredBy');
  expect((await patch(vendor, 'another')).json.code).toBe('profile_in_doubt');
  const dueMs = await runInDurableObject(objectOf(vendor), (_, { storage }) => storage.getAlarm());
  expect((dueMs ?? 0) - Date.now()).toBeGreaterThan(500);
  // Now the vendor must be done with it.
  await runInDurableObject(objectOf(vendor), (_, { storage }) => {
    const longAgoMs = Date.now() - 3_600_000;
    storage.sql.exec('UPDATE lease SET began_at = ?, look_at = ?', longAgoMs, longAgoMs);
  });
  await runDurableObjectAlarm(objectOf(vendor));
  const [receipt] = await receiptsOf(vendor);
  expect(receipt).toMatchObject({ outcome: 'unknown', reason: 'conflicting_value' });
  expect((await patch(vendor, 'another')).status).toBe(200);
});

test('a mark is shown with its write, and lifted with a receipt', async () => {
  const profile = profileOf(SENLIN);
  await patch(SENLIN, 'marked');
  await runInDurableObject(objectOf(SENLIN), (_, { storage }) =>
    createStoredDoubts(storage).mark(keyOf(SENLIN), 60_000),
  );
  const listed = await ask(`/admin/in-doubt?profile=${profile}`);
  expect(listed.json).toMatchObject({ inDoubt: [{ profile, id: profile }] });
  const lift = {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'ticket 4711' }),
  };
  const lifted = await ask(`/admin/in-doubt/${profile}`, lift);
  expect([lifted.status, lifted.json.profile]).toEqual([200, profile]);
  expect((await receiptsOf(SENLIN))[0]).toMatchObject({ kind: 'lift', reason: 'ticket 4711' });
  expect((await ask(`/admin/in-doubt/${profile}`, lift)).status).toBe(404);
  expect((await ask(`/admin/in-doubt?profile=${profile}`)).json).toEqual({ inDoubt: [] });
});

test('no mark is lifted while the end of its write is being found out', async () => {
  await patch(SENLIN, 'open');
  await cutOff(SENLIN, 1_000);
  const lift = {
    method: 'DELETE',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ reason: 'ticket 4711' }),
  };
  const refused = await ask(`/admin/in-doubt/${profileOf(SENLIN)}`, lift);
  expect([refused.status, refused.json.code]).toEqual([503, 'profile_in_doubt']);
  await runDurableObjectAlarm(objectOf(SENLIN));
});

test('operators name the profile that they ask about', async () => {
  for (const path of ['receipts', 'receipts/5f0a9a8e', 'in-doubt', 'in-doubt?profile=nobody:1']) {
    const { json, status } = await ask(`/admin/${path}`);
    expect([status, json.code]).toEqual([400, 'invalid_filter']);
  }
  const unknown = await ask(`/admin/receipts/none?profile=${profileOf(NERM)}`);
  expect([unknown.status, unknown.json.code]).toEqual([404, 'not_found']);
  expect((await ask('/admin/replicas')).status).toBe(404);
});

test('a write that can be compared with nothing is closed after a bounded number of looks', async () => {
  await patch(NERM, 'unreadable');
  await cutOff(NERM, 3_600_000);
  await runInDurableObject(objectOf(NERM), (_, { storage }) => {
    storage.sql.exec(`UPDATE lease SET intent = '', look_at = 0, looks = ?`, LOOKS_MAX);
  });
  await runDurableObjectAlarm(objectOf(NERM));
  const [receipt] = await receiptsOf(NERM);
  expect(receipt).toMatchObject({ outcome: 'unknown', reason: 'read_back_failed' });
});

test('an end that cannot be stored is found out by the alarm', async () => {
  const exec = (sql: string) =>
    runInDurableObject(objectOf(NERM), (_, { storage }) => void storage.sql.exec(sql));
  await exec(`CREATE TRIGGER fails BEFORE INSERT ON receipt
    BEGIN SELECT RAISE(ABORT, 'full'); END`);
  const written = await patch(NERM, 'not stored');
  expect(written.status).toBe(200);
  await exec('DROP TRIGGER fails');
  expect((await patch(NERM, 'another')).json.code).toBe('profile_in_doubt');
  await exec('UPDATE lease SET look_at = 0');
  await runDurableObjectAlarm(objectOf(NERM));
  const writeId = written.headers.get('x-write-id');
  expect((await receiptsOf(NERM))[0]).toMatchObject({ writeId, recoveredBy: 'object' });
});

test('neither a value nor a key stands in the storage', async () => {
  await patch(NERM, 'CANARY-value', 'CANARY-key');
  await cutOff(NERM, 1_000);
  await patch(NERM, 'CANARY-value', 'CANARY-key');
  await runDurableObjectAlarm(objectOf(NERM));
  await runInDurableObject(objectOf(NERM), (_, { storage }) => {
    const rows = ['lease', 'receipt'].flatMap((table) => [
      ...storage.sql.exec(`SELECT * FROM ${table}`),
    ]);
    const all = JSON.stringify([rows, ...storage.kv.list()]);
    expect(all).toContain('/attributes/remarks');
    expect([TOKEN?.length, HASH_KEY?.length]).toEqual([expect.any(Number), expect.any(Number)]);
    for (const secret of ['CANARY', HASH_KEY, TOKEN]) expect(all).not.toContain(secret);
  });
});
