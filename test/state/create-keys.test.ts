import { describe, expect, it } from 'vitest';
import { BODY, createVendor, waitUntil } from './creating-vendor.ts';
import { NEVER, startReplica, type TestReplica } from './replicas.ts';
import { inFolder } from './sqlite-folder.ts';

const { id: _, ...UNLINKED } = BODY;
const OTHER = { ...UNLINKED, name: 'another name' };
const HEADERS = { 'idempotency-key': 'once' };

async function create({ gateway }: TestReplica, body = UNLINKED) {
  const {
    body: shown,
    headers,
    status,
  } = await gateway.ask('POST', '/profiles', {
    body,
    headers: HEADERS,
  });
  return [status, shown.code ?? headers.get('idempotency-replayed') ?? 'first'];
}

const recovered = ({ events }: TestReplica): boolean =>
  events.some(({ kind }) => kind === 'recovered');

async function startTwo(folder: string) {
  const vendor = createVendor();
  const path = `${folder}/state.db`;
  const first = await startReplica('first', path, vendor.fetch);
  const second = await startReplica('second', path, vendor.fetch);
  return { vendor, first, second };
}

describe('the key of a create', () => {
  it(
    'is refused with another body at every replica once the create is sent',
    inFolder(async (folder) => {
      const { first, second, vendor } = await startTwo(folder);
      void create(first);
      await waitUntil(() => vendor.creates === 1);
      for (const replica of [first, second]) {
        for (const body of [OTHER, { ...UNLINKED, status: 'inactive' }]) {
          expect(await create(replica, body)).toEqual([422, 'idempotency_key_reused']);
        }
        expect(await create(replica)).toEqual([409, 'request_in_progress']);
      }
      first.cut(true);
      expect(await create(second, OTHER)).toEqual([422, 'idempotency_key_reused']);
      await waitUntil(() => recovered(second));
      expect(await create(second, OTHER)).toEqual([422, 'idempotency_key_reused']);
      expect(await create(second)).toEqual([201, 'true']);
      expect(vendor.creates).toBe(1);
      await second.shared.close();
    }),
  );

  it(
    'stays with the create that was sent, where one that was not is recovered later',
    inFolder(async (folder) => {
      const { first, second, vendor } = await startTwo(folder);
      vendor.answers = true;
      let searches = 0;
      vendor.onSearch = async () => {
        searches += 1;
        if (searches === 1) await NEVER;
      };
      void create(first);
      await waitUntil(() => searches === 1);
      first.cut(true);
      expect(await create(second, OTHER)).toEqual([201, 'first']);
      await waitUntil(() => recovered(second));
      expect(await create(second, OTHER)).toEqual([201, 'true']);
      expect(await create(second)).toEqual([422, 'idempotency_key_reused']);
      expect(vendor.creates).toBe(1);
      await second.shared.close();
    }),
  );

  it(
    'of two creates at once sends one of them',
    inFolder(async (folder) => {
      const { first, second, vendor } = await startTwo(folder);
      vendor.answers = true;
      // Both have begun before either is sent.
      const bothSearch = Promise.withResolvers<void>();
      let searches = 0;
      vendor.onSearch = async () => {
        searches += 1;
        if (searches === 2) bothSearch.resolve();
        await bothSearch.promise;
      };
      const ends = await Promise.all([create(first), create(second, OTHER)]);
      expect(ends.toSorted()).toEqual([
        [201, 'first'],
        [422, 'idempotency_key_reused'],
      ]);
      expect(vendor.creates).toBe(1);
      await Promise.all([first, second].map(({ shared }) => shared.close()));
    }),
  );

  it(
    'is free again after a create that the target turned away for the moment',
    inFolder(async (folder) => {
      const { first, second, vendor } = await startTwo(folder);
      vendor.turnsAway = true;
      expect(await create(first)).toEqual([503, 'target_rate_limited']);
      vendor.turnsAway = false;
      vendor.answers = true;
      expect(await create(second, OTHER)).toEqual([201, 'first']);
      await Promise.all([first, second].map(({ shared }) => shared.close()));
    }),
  );
});
