import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import {
  createVendor,
  ID,
  NEVER,
  patchOf,
  SESSION_MS,
  SETTLE_MS,
  startReplica,
  type TestReplica,
} from './replicas.ts';
import { inFolder } from './sqlite-folder.ts';

const running: TestReplica[] = [];

async function start(name: string, path: string, fetch: Parameters<typeof startReplica>[2]) {
  const replica = await startReplica(name, path, fetch);
  running.push(replica);
  return replica;
}

afterEach(async () => {
  for (const { cut, shared } of running.splice(0)) {
    cut(false);
    await shared.close();
  }
});

const PATH = `/profiles/acme:${ID}`;

const withVendor = (
  work: (vendor: ReturnType<typeof createVendor>, path: string) => Promise<void>,
) => inFolder((folder) => work(createVendor(), join(folder, 'state.db')));

async function waitFor(isDone: () => boolean | Promise<boolean>, waitMsMax = 5_000) {
  const untilMs = performance.now() + waitMsMax;
  while (!(await isDone())) {
    if (performance.now() > untilMs) throw new Error('it does not come');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const receiptsOf = ({ database }: TestReplica) => database.receipts({ max: 100 });

describe('replicas with one state', () => {
  test(
    'write a profile one at a time, in the order of their fences',
    withVendor(async (vendor, path) => {
      const replicas = [await start('a', path, vendor.fetch), await start('b', path, vendor.fetch)];
      vendor.before = () => new Promise((resolve) => setTimeout(resolve, 2));
      const asked = Array.from({ length: 20 }, (_, i) =>
        replicas[i % 2]?.gateway.ask('PATCH', PATH, patchOf({ [`key${i}`]: `value ${i}` })),
      );
      const answers = await Promise.all(asked);
      expect(answers.map((answer) => answer?.status)).toEqual(answers.map(() => 200));
      expect(answers[0]?.body).toMatchObject({ write: { lockScope: 'machine' } });
      expect(vendor.overlaps).toBe(0);
      expect(Object.keys(vendor.profile.attributes)).toHaveLength(20);
      const [a] = replicas;
      if (a === undefined) throw new Error('no replica');
      await waitFor(async () => (await receiptsOf(a)).length === 20);
      const receipts = (await receiptsOf(a)).toReversed();
      const fences = receipts.map(({ body }) => JSON.parse(body).fence);
      expect(fences).toEqual(fences.toSorted((one, two) => one - two));
      expect(new Set(receipts.map(({ writeId }) => writeId))).toEqual(
        new Set(answers.map((answer) => answer?.headers.get('x-write-id'))),
      );
    }),
  );

  test(
    'close a write that the vendor has applied before its replica ended',
    withVendor(async (vendor, path) => {
      const a = await start('a', path, vendor.fetch);
      const b = await start('b', path, vendor.fetch);
      vendor.after = () => NEVER;
      void a.gateway.ask('PATCH', PATH, patchOf({ site: 'Berlin' }));
      await waitFor(() => vendor.journal.length === 1);
      a.cut(true);
      vendor.after = async () => {};
      const startMs = performance.now();
      await waitFor(async () => (await receiptsOf(b)).length === 1);
      expect(performance.now() - startMs).toBeLessThan(SESSION_MS + 2_000);
      const [receipt] = await receiptsOf(b);
      expect(receipt).toMatchObject({ outcome: 'applied', id: `acme:${ID}`, target: 'acme' });
      expect(JSON.parse(receipt?.body ?? '')).toMatchObject({
        evidence: 'read_back',
        recoveredBy: 'b',
      });
      const next = await b.gateway.ask('PATCH', PATH, patchOf({ site: 'Bonn' }));
      expect(next.status).toBe(200);
      expect(b.events).toContainEqual({ kind: 'recovered', outcome: 'applied' });
    }),
  );

  test(
    'close a write that never came to the vendor once it is settled, and not before',
    withVendor(async (vendor, path) => {
      const a = await start('a', path, () => NEVER);
      const b = await start('b', path, vendor.fetch);
      const headers = { 'if-match': '*' };
      // The profile is read first, so that "unchanged" can be proven.
      const reading = await start('c', path, async (request) =>
        request.method === 'GET' ? vendor.fetch(request) : NEVER,
      );
      void reading.gateway.ask('PATCH', PATH, { ...patchOf({ site: 'Berlin' }), headers });
      await waitFor(() => reading.gateway.sent.length === 2);
      reading.cut(true);
      a.cut(true);
      await waitFor(() => b.events.some(({ kind }) => kind === 'replica_closed'));
      const closedMs = performance.now();
      await waitFor(async () => {
        const answer = await b.gateway.ask('PATCH', PATH, patchOf({ site: 'Bonn' }));
        if (answer.status === 200) return true;
        expect(answer.body).toMatchObject({ code: 'profile_in_doubt', outcome: 'rejected' });
        return false;
      });
      expect(performance.now() - closedMs).toBeGreaterThan(SETTLE_MS / 2);
      const receipts = await receiptsOf(b);
      const recovered = receipts.find(({ body }) => JSON.parse(body).recoveredBy === 'b');
      expect(recovered).toMatchObject({ outcome: 'rejected' });
      expect(JSON.parse(recovered?.body ?? '')).toMatchObject({ reason: 'not_applied' });
      expect(vendor.journal).toEqual(['{"site":"Bonn"}']);
    }),
  );

  test(
    'reject writes while the state does not answer, and serve reads',
    withVendor(async (vendor, path) => {
      const a = await start('a', path, vendor.fetch);
      a.cut(true);
      const write = await a.gateway.ask('PATCH', PATH, patchOf({ site: 'Berlin' }));
      expect(write.status).toBe(503);
      expect(write.body).toMatchObject({ code: 'state_unavailable', outcome: 'rejected' });
      expect(write.headers.get('retry-after')).toBe('1');
      expect((await a.gateway.ask('GET', PATH)).status).toBe(200);
      await waitFor(() => a.events.some(({ kind }) => kind === 'unreachable'));
      a.cut(false);
      await waitFor(async () => {
        const again = await a.gateway.ask('PATCH', PATH, patchOf({ site: 'Berlin' }));
        return again.status === 200;
      });
      expect(vendor.journal).toHaveLength(1);
    }),
  );

  test(
    'send nothing after a pause that outlasts their session',
    withVendor(async (vendor, path) => {
      const pausing = Promise.withResolvers<void>();
      const a = await start('a', path, async (request) => {
        if (request.method === 'GET') a.pause(SESSION_MS);
        return vendor.fetch(request);
      });
      pausing.resolve();
      const headers = { 'if-match': '*' };
      const answer = await a.gateway.ask('PATCH', PATH, { ...patchOf({ site: 'x' }), headers });
      expect(answer.body).toMatchObject({ code: 'state_unavailable', outcome: 'rejected' });
      expect(vendor.journal).toEqual([]);
    }),
  );

  test(
    'answer "unknown" to a write that another one has closed meanwhile',
    withVendor(async (vendor, path) => {
      const a = await start('a', path, vendor.fetch);
      const b = await start('b', path, vendor.fetch);
      vendor.after = async () => {
        a.cut(true);
        vendor.after = async () => {};
        await waitFor(async () => (await receiptsOf(b)).length === 1);
        a.cut(false);
      };
      const answer = await a.gateway.ask('PATCH', PATH, patchOf({ site: 'Berlin' }));
      expect(answer.body).toMatchObject({ code: 'outcome_unknown', reason: 'fenced' });
      const receipts = await receiptsOf(b);
      expect(receipts).toMatchObject([{ outcome: 'applied' }]);
      expect(a.events.some(({ kind }) => kind === 'sent_late' || kind === 'fenced')).toBe(true);
    }),
  );
});
