import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { createVendor, ID, NEVER, SETTLE_MS, startReplica, type TestReplica } from './replicas.ts';
import { inFolder } from './sqlite-folder.ts';

const PATH = `/profiles/acme:${ID}`;
/** Long enough for a busy machine, where a replica is to be lost, and where none is. */
const SESSION_MS = 1_000;
const LONG_SESSION_MS = 20_000;
const OTHER_KEY = { hashKey: 'another-hash-key-that-is-not-real' };
const SAME_KEY = {};

/**
 * Clears what is empty already, which needs no hash to be shown, and sets what vendors store in a
 * form of their own, so that another hash contradicts nothing.
 */
const HALF_SHOWN = { name: 'Robin Example', attributes: { gone: null } };

type Fetch = Parameters<typeof startReplica>[2];
const running: TestReplica[] = [];

afterEach(async () => {
  for (const { cut, shared } of running.splice(0)) {
    cut(false);
    await shared.close();
  }
});

async function waitFor(isDone: () => boolean | Promise<boolean>, waitMsMax = 10_000) {
  const untilMs = performance.now() + waitMsMax;
  while (!(await isDone())) {
    if (performance.now() > untilMs) throw new Error('it does not come');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Starts replicas on one state file with one vendor, which is never written. */
function staged(work: (start: ReturnType<typeof starter>) => Promise<void>) {
  return inFolder((folder) => work(starter(join(folder, 'state.db'))));
}

function starter(path: string) {
  const vendor = createVendor();
  return async (name: string, onWrite: () => Promise<never>, options = {}) => {
    const own = { canRead: true, hasClock: true };
    const fetch: Fetch = async (request) => {
      if (request.method === 'PATCH') return onWrite();
      if (!own.canRead) return new Response('{}', { status: 404 });
      const answer = await vendor.fetch(request);
      if (!own.hasClock) answer.headers.delete('date');
      return answer;
    };
    const sessionMs = SESSION_MS;
    const replica = await startReplica(name, path, fetch, { sessionMs, ...options });
    running.push(replica);
    return { ...replica, own };
  };
}

type Started = Awaited<ReturnType<ReturnType<typeof starter>>>;

const lost = () => Promise.reject(new Error('lost'));
const held = () => NEVER;

/** Asks for the write with a key; the profile is read first. */
const ask = ({ gateway }: Started) =>
  gateway.ask('PATCH', PATH, {
    body: HALF_SHOWN,
    headers: { 'if-match': '*', 'idempotency-key': '"one"' },
  });

/** Cuts a replica off in the middle of the write, which never comes to the vendor. */
async function cutOff(replica: Started): Promise<void> {
  void ask(replica);
  await waitFor(() => replica.gateway.sent.length === 2);
  replica.cut(true);
}

async function receiptOf({ database }: Started) {
  const [receipt] = await database.receipts({ max: 9 });
  return receipt && { ...JSON.parse(receipt.body), outcome: receipt.outcome };
}

describe('a write that was never applied', () => {
  test.each([
    { key: 'the same key', by: 'hashes', options: SAME_KEY, outcome: 'rejected', hasClock: false },
    { key: 'another', by: 'nothing', options: OTHER_KEY, outcome: 'unknown', hasClock: false },
    { key: 'another', by: 'the clock', options: OTHER_KEY, outcome: 'rejected', hasClock: true },
  ])('is closed with $key as $outcome, by $by', ({ hasClock, options, outcome }) =>
    staged(async (start) => {
      const first = await start('first', held);
      const second = await start('second', lost, options);
      second.own.hasClock = hasClock;
      await cutOff(first);
      await waitFor(async () => (await receiptOf(second)) !== undefined);
      const reason = outcome === 'unknown' ? 'not_comparable' : 'not_applied';
      expect(await receiptOf(second)).toMatchObject({ outcome, reason, recoveredBy: 'second' });
    })(),
  );

  test.each([
    { key: 'the same key', options: SAME_KEY, status: 502, outcome: 'rejected' },
    { key: 'another', options: OTHER_KEY, status: 504, outcome: 'unknown' },
  ])('is answered to a repeat with $key as $outcome', ({ options, outcome, status }) =>
    staged(async (start) => {
      const sessionMs = LONG_SESSION_MS;
      const first = await start('first', lost, { sessionMs });
      expect(await ask(first)).toMatchObject({ status: 504, body: { outcome: 'unknown' } });
      const second = await start('second', lost, { ...options, sessionMs });
      second.own.hasClock = false;
      await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
      expect(await ask(second)).toMatchObject({ status, body: { outcome } });
      expect(second.gateway.sent.filter(({ method }) => method === 'PATCH')).toEqual([]);
    })(),
  );

  test.each([
    { key: 'the same key', options: SAME_KEY, status: 502, outcome: 'rejected' },
    { key: 'another', options: OTHER_KEY, status: 504, outcome: 'unknown' },
  ])('is answered by its receipt with $key as $outcome', ({ options, outcome, status }) =>
    staged(async (start) => {
      const first = await start('first', held);
      const blind = await start('blind', lost);
      blind.own.canRead = false;
      await cutOff(first);
      await waitFor(async () => (await receiptOf(blind)) !== undefined);
      expect(await receiptOf(blind)).toMatchObject({ outcome: 'unknown', recoveredBy: 'blind' });
      const second = await start('second', lost, options);
      expect(await ask(second)).toMatchObject({ status, body: { outcome } });
    })(),
  );
});
