import { beforeAll, describe, expect, it } from 'vitest';
import { count } from '../support/counts.ts';
import { createLiveGateway, type LiveGateway } from './live-gateway.ts';
import { filtersOf, idsOf, occurrences, profilesOf, times, walk } from './live-lists.ts';
import { realServers } from './targets.ts';

const servers = realServers(process.env);
/** Profiles that are there all the time. */
const STAYING = count(40, 2_000);
/** Profiles that are deleted meanwhile; some more are created. */
const LEAVING = count(40, 400);
const LIMIT = count(10, 100);
const TEST_TIMEOUT_MS = 1_800_000;

let live: LiveGateway;

describe.skipIf(servers === undefined)('lists and deletes at a real Senlin', () => {
  beforeAll(async () => {
    live = await createLiveGateway(servers ?? {});
  }, 60_000);

  it('lists what it reads, by each filter', async () => {
    const name = `live-list-${Date.now()}`;
    const id = await live.createProfile(name);
    const read = await live.call('GET', `senlin-live:${id}`);
    const type = 'extensions.senlin.type';
    expect(await filtersOf(live, 'senlin-live')).toEqual([type, 'name']);
    for (const query of [`&name=${name}`, `&name=${name}&${type}=os.heat.stack-1.0`]) {
      const [profile, ...others] = profilesOf(await live.list('senlin-live', query));
      expect(others).toEqual([]);
      expect(profile).toEqual(read.body.profile);
    }
    const server = await live.createProfile(`${name}-server`, 'os.nova.server');
    const servers = idsOf(await live.list('senlin-live', `&${type}=os.nova.server-1.0`));
    expect(servers).toContain(server);
    expect(servers).not.toContain(id);
    const other = await live.list('senlin-live', `&name=${name}&${type}=other-1.0`);
    expect(profilesOf(other)).toEqual([]);
    expect(profilesOf(await live.list('senlin-live', `&name=${name.toUpperCase()}`))).toEqual([]);
  }, 60_000);

  it('deletes once, and the second time says that it is gone', async () => {
    const [id, neighbor] = [await live.createProfile(), await live.createProfile()];
    expect((await live.call('DELETE', `senlin-live:${id}`)).status).toBe(204);
    const again = await live.call('DELETE', `senlin-live:${id}`);
    expect(again.body).toMatchObject({ status: 404, code: 'profile_not_found' });
    expect((await live.direct('GET', `${servers?.senlin}/v1/profiles/${id}`)).status).toBe(404);
    expect((await live.call('GET', `senlin-live:${neighbor}`)).status).toBe(200);
  }, 60_000);

  it(
    `lists ${STAYING} profiles once each while others are created and deleted`,
    async () => {
      const all = await times(STAYING + LEAVING, () => live.createProfile());
      // Those that leave are spread evenly, so that each page has some.
      const every = (STAYING + LEAVING) / LEAVING;
      const leaving = new Set(all.filter((_, i) => i % every === every - 1));
      const staying = all.filter((id) => !leaving.has(id));
      expect([staying.length, leaving.size]).toEqual([STAYING, LEAVING]);
      let markers = 0;
      const { ids, pages } = await walk(live, 'senlin-live', `&limit=${LIMIT}`, async (page) => {
        const [marker, unlisted] = [page.at(-1) ?? '', [...leaving].at(-1)];
        markers += leaving.has(marker) ? 1 : 0;
        const gone = [...leaving].filter((id) => page.includes(id) || id === unlisted);
        await times(gone.length, (i) =>
          live.direct('DELETE', `${servers?.senlin}/v1/profiles/${gone[i]}`),
        );
        for (const id of gone) leaving.delete(id);
        await live.createProfile();
      });
      expect(pages).toBeGreaterThanOrEqual(Math.floor(STAYING / LIMIT));
      expect(markers).toBeGreaterThan(0);
      expect(occurrences(ids, staying)).toEqual(staying.map(() => 1));
      expect(new Set(ids).size).toBe(ids.length);
    },
    TEST_TIMEOUT_MS,
  );
});
