import { describe, expect, it } from 'vitest';
import { BODY, createVendor, waitUntil } from './creating-vendor.ts';
import { NEVER, startReplica, type TestReplica } from './replicas.ts';
import { inFolder } from './sqlite-folder.ts';
import { receiptRow } from './suite/store.ts';

const HEADERS = { 'idempotency-key': 'once' };

const recovered = ({ events }: TestReplica): boolean =>
  events.some(({ kind }) => kind === 'recovered');

const create = ({ gateway }: TestReplica, body = BODY) =>
  gateway.ask('POST', '/profiles', { body, headers: HEADERS });

describe('a create whose replica is gone', () => {
  it(
    'is found, linked and recorded by another one, which answers a repeat',
    inFolder(async (folder) => {
      const vendor = createVendor();
      const path = `${folder}/state.db`;
      const first = await startReplica('first', path, vendor.fetch);
      const second = await startReplica('second', path, vendor.fetch);
      void create(first);
      await waitUntil(() => vendor.profiles.length === 1);
      first.cut(true);
      await waitUntil(() => recovered(second));
      const [receipt] = await second.database.receipts({ max: 1, id: 'emp-1' });
      expect(receipt).toMatchObject({ kind: 'create', outcome: 'applied', target: 'acme' });
      expect(JSON.parse(receipt?.body ?? '')).toMatchObject({
        recoveredBy: 'second',
        evidence: 'read_back',
        upstreamId: vendor.profiles[0]?.id,
      });
      expect(JSON.stringify(receipt)).not.toContain('CANARY');
      expect(await second.database.link('emp-1')).toMatchObject({
        targets: { acme: vendor.profiles[0]?.id },
      });
      const repeat = await create(second);
      expect(repeat.status, repeat.text).toBe(201);
      expect(repeat.body).toMatchObject({ profile: { upstreamId: vendor.profiles[0]?.id } });
      expect(repeat.headers.get('idempotency-replayed')).toBe('true');
      const again = await create(second);
      expect(again.text).toBe(repeat.text);
      expect(vendor.creates).toBe(1);
      await second.shared.close();
    }),
  );

  it(
    'is not linked once more by its replica, which comes back after the link was removed',
    inFolder(async (folder) => {
      const vendor = createVendor();
      const path = `${folder}/state.db`;
      const answered = Promise.withResolvers<void>();
      const late = async (request: Request): Promise<Response> => {
        const response = vendor.fetch(request);
        if (request.method !== 'POST') return response;
        await answered.promise;
        return new Response(JSON.stringify({ profile: vendor.profiles[0] }));
      };
      const first = await startReplica('first', path, late);
      const second = await startReplica('second', path, vendor.fetch);
      const answer = create(first);
      await waitUntil(() => vendor.profiles.length === 1);
      first.cut(true);
      await waitUntil(() => recovered(second));
      expect(await second.database.link('emp-1')).toMatchObject({
        targets: { acme: vendor.profiles[0]?.id },
      });
      await second.database.changeLinks(
        [{ id: 'emp-1', targets: undefined }],
        receiptRow('by hand'),
      );
      first.cut(false);
      answered.resolve();
      const { body, status } = await answer;
      expect([status, body.reason]).toEqual([504, 'fenced']);
      expect((await second.database.link('emp-1'))?.targets).toBeUndefined();
      await Promise.all([first, second].map(({ shared }) => shared.close()));
    }),
  );

  it(
    'was not sent where the replica had not read what was there before',
    inFolder(async (folder) => {
      const vendor = createVendor();
      const path = `${folder}/state.db`;
      let searches = 0;
      vendor.onSearch = async () => {
        searches += 1;
        if (searches === 1) await NEVER;
      };
      const first = await startReplica('first', path, vendor.fetch);
      const second = await startReplica('second', path, vendor.fetch);
      void create(first);
      await waitUntil(() => searches === 1);
      first.cut(true);
      await waitUntil(() => recovered(second));
      const [receipt] = await second.database.receipts({ max: 1, id: 'emp-1' });
      expect(receipt).toMatchObject({ kind: 'create', outcome: 'rejected' });
      expect(vendor.creates).toBe(0);
      await second.shared.close();
    }),
  );
});

describe('a create that is lifted while another replica searches for it', () => {
  it(
    'is not linked to what the search finds',
    inFolder(async (folder) => {
      const vendor = createVendor();
      const path = `${folder}/state.db`;
      const first = await startReplica('first', path, vendor.fetch);
      const second = await startReplica('second', path, vendor.fetch);
      void create(first);
      await waitUntil(() => vendor.profiles.length === 1);
      const [held] = await second.database.listInDoubt(1, '');
      expect(held).toBeUndefined();
      let lifted = 0;
      vendor.onSearch = async () => {
        if (lifted > 0) return;
        const [open] = await second.database.listInDoubt(1, '');
        const id = `/admin/in-doubt/acme::${open?.writeId}`;
        const { status } = await second.gateway.ask('DELETE', id, { body: { reason: 'by hand' } });
        lifted = status;
      };
      first.cut(true);
      await waitUntil(() => recovered(second));
      expect(lifted).toBe(200);
      expect(await second.database.link('emp-1')).toBeUndefined();
      const receipts = await second.database.receipts({ max: 5 });
      const ends = receipts.filter(({ kind }) => kind === 'create');
      expect(ends).toMatchObject([{ kind: 'create', outcome: 'unknown' }]);
      await second.shared.close();
    }),
  );
});

describe('a create that no search finds', () => {
  it(
    'is not sent again for its key while the first is under way',
    inFolder(async (folder) => {
      const vendor = createVendor();
      const path = `${folder}/state.db`;
      const first = await startReplica('first', path, vendor.fetch);
      const second = await startReplica('second', path, vendor.fetch);
      const { name: _, ...unnamed } = BODY;
      void create(first, unnamed);
      await waitUntil(() => vendor.creates === 1);
      for (const replica of [first, second]) {
        const repeat = await create(replica, unnamed);
        expect([repeat.status, repeat.body.code]).toEqual([409, 'request_in_progress']);
      }
      expect(vendor.creates).toBe(1);
      first.cut(true);
      await second.shared.close();
    }),
  );
});

describe('a create with an id', () => {
  it(
    'links the profile in the same step, and is refused once the id is linked there',
    inFolder(async (folder) => {
      const vendor = createVendor();
      vendor.answers = true;
      const replica = await startReplica('only', `${folder}/state.db`, vendor.fetch);
      const answer = await create(replica);
      expect(answer.status, answer.text).toBe(201);
      const id = String(vendor.profiles[0]?.id);
      expect(answer.body).toMatchObject({ profile: { upstreamId: id, target: 'acme' } });
      expect(await replica.database.link('emp-1')).toMatchObject({ targets: { acme: id } });
      const headers = { 'idempotency-key': 'twice' };
      const second = await replica.gateway.ask('POST', '/profiles', { body: BODY, headers });
      expect([second.status, second.body.code]).toEqual([409, 'link_exists']);
      expect(vendor.creates).toBe(1);
      // Its first request is answered as before, although the id is linked now.
      expect((await create(replica)).text).toBe(answer.text);
      await replica.shared.close();
    }),
  );

  it(
    'says so where another profile got the id meanwhile',
    inFolder(async (folder) => {
      const vendor = createVendor();
      vendor.answers = true;
      const replica = await startReplica('only', `${folder}/state.db`, vendor.fetch);
      const link = { id: 'emp-1', targets: { acme: 'other' } };
      const receipt = { kind: 'link', writeId: 'w', key: '', id: '', target: '', caller: '' };
      vendor.onSearch = async () => {
        const body = { ...receipt, outcome: 'applied', body: '{}' };
        await replica.database.changeLinks([link], body);
      };
      const answer = await create(replica);
      expect([answer.status, answer.body.code], answer.text).toEqual([502, 'partially_applied']);
      expect(answer.body).toMatchObject({ outcome: 'partial', notApplied: ['/id'] });
      expect(answer.headers.get('location')).toBe(
        `/profiles/acme%3A${String(vendor.profiles[0]?.id)}`,
      );
      await replica.shared.close();
    }),
  );
});
