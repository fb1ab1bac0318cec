import { beforeAll, describe, expect, it } from 'vitest';
import { count } from '../support/counts.ts';
import { type Answer, createLiveGateway, type LiveGateway, type Loose } from './live-gateway.ts';
import { realServers } from './targets.ts';

const servers = realServers(process.env);
/** Profiles that are there all the time; as many come and go. */
const STAYING = count(60, 2_000);
/** Requests to a real server at once. */
const PARALLEL = 8;

let live: LiveGateway;

const profilesOf = ({ body, status, text }: Answer): readonly Loose[] => {
  expect(status, text).toBe(200);
  return Array.from({ length: Number(body.profiles?.length) }, (_, i) => body.profiles?.[i] ?? {});
};
const idsOf = (answer: Answer): string[] => profilesOf(answer).map((p) => String(p.upstreamId));

/** Does some work many times, `PARALLEL` at once. */
async function times<T>(length: number, work: (i: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  for (let from = 0; from < length; from += PARALLEL) {
    const size = Math.min(PARALLEL, length - from);
    done.push(...(await Promise.all(Array.from({ length: size }, (_, i) => work(from + i)))));
  }
  return done;
}

/** Reads all pages, and returns the ids; `between` runs after each page. */
async function walk(target: string, query: string, between: () => Promise<void>) {
  const ids: string[] = [];
  let cursor = '';
  for (;;) {
    const answer = await live.list(target, query + cursor);
    ids.push(...idsOf(answer));
    const { next } = answer.body;
    if (next === undefined) return ids;
    cursor = `&cursor=${encodeURIComponent(String(next))}`;
    await between();
  }
}

/** Counts how often each of `wanted` is in `ids`. */
const occurrences = (ids: readonly string[], wanted: readonly string[]) => {
  const counts = Map.groupBy(ids, (id) => id);
  return wanted.map((id) => counts.get(id)?.length ?? 0);
};

describe.skipIf(servers === undefined)('lists and deletes at a real Senlin', () => {
  beforeAll(async () => {
    live = await createLiveGateway(servers ?? {});
  });

  it('lists what it reads, by each filter', async () => {
    const name = `live-list-${Date.now()}`;
    const id = await live.createProfile(name);
    const read = await live.call('GET', `senlin-live:${id}`);
    for (const query of [
      `&name=${name}`,
      `&name=${name}&extensions.senlin.type=os.heat.stack-1.0`,
    ]) {
      const [profile, ...others] = profilesOf(await live.list('senlin-live', query));
      expect(others).toEqual([]);
      expect(profile).toEqual(read.body.profile);
    }
    const other = await live.list('senlin-live', `&name=${name}&extensions.senlin.type=other-1.0`);
    expect(profilesOf(other)).toEqual([]);
    expect(profilesOf(await live.list('senlin-live', `&name=${name.toUpperCase()}`))).toEqual([]);
  });

  it('deletes once, and the second time says that it is gone', async () => {
    const [id, neighbor] = [await live.createProfile(), await live.createProfile()];
    expect((await live.call('DELETE', `senlin-live:${id}`)).status).toBe(204);
    const again = await live.call('DELETE', `senlin-live:${id}`);
    expect(again.body).toMatchObject({ status: 404, code: 'profile_not_found' });
    expect((await live.direct('GET', `${servers?.senlin}/v1/profiles/${id}`)).status).toBe(404);
    expect((await live.call('GET', `senlin-live:${neighbor}`)).status).toBe(200);
  });

  it(`lists ${STAYING} profiles once each while others are created and deleted`, async () => {
    const all = await times(2 * STAYING, () => live.createProfile());
    const staying = all.filter((_, i) => i % 2 === 0);
    const leaving = all.filter((_, i) => i % 2 === 1);
    const limit = count(10, 100);
    const ids = await walk('senlin-live', `&limit=${limit}`, async () => {
      // Among them are the last ones listed, which are the markers.
      const gone = leaving.splice(0, limit);
      await times(gone.length, (i) =>
        live.direct('DELETE', `${servers?.senlin}/v1/profiles/${gone[i]}`),
      );
      await live.createProfile();
    });
    expect(occurrences(ids, staying)).toEqual(staying.map(() => 1));
    expect(new Set(ids).size).toBe(ids.length);
  }, 900_000);
});

describe.skipIf(servers === undefined)('lists and deletes at a real Keystone', () => {
  it('lists what it reads, by each filter', async () => {
    const name = `live-list-${Date.now()}`;
    const id = await live.createProject(name);
    const read = await live.call('GET', `iam-live:${id}`);
    for (const query of ['', '&status=active', '&extensions.iam.domain_id=default']) {
      const [project, ...others] = profilesOf(await live.list('iam-live', `&name=${name}${query}`));
      expect(others).toEqual([]);
      expect(project).toEqual(read.body.profile);
    }
    for (const query of ['&status=inactive', '&extensions.iam.tags=none']) {
      expect(profilesOf(await live.list('iam-live', `&name=${name}${query}`))).toEqual([]);
    }
    const child = { name: `${name}-child`, domain_id: 'default', parent_id: id };
    await live.direct('POST', `${servers?.keystone}/v3/projects`, { project: child });
    const below = profilesOf(await live.list('iam-live', `&extensions.iam.parent_id=${id}`));
    expect(below.map((project) => project.name)).toEqual([`${name}-child`]);
    const blocked = await live.call('DELETE', `iam-live:${id}`);
    expect(blocked.body).toMatchObject({ status: 409, code: 'conflict', outcome: 'rejected' });
    expect(String(blocked.body.upstream?.message)).toContain('not a leaf');
    expect((await live.call('DELETE', `iam-live:${below[0]?.upstreamId}`)).status).toBe(204);
    expect((await live.call('DELETE', `iam-live:${id}`)).status).toBe(204);
    expect((await live.call('DELETE', `iam-live:${id}`)).body.code).toBe('profile_not_found');
  });

  it(`lists ${STAYING} projects once each in its one answer`, async () => {
    const run = Date.now();
    const staying = await times(STAYING, (i) => live.createProject(`live-${run}-${i}`));
    const answer = await live.list('iam-live', '&limit=10');
    expect(occurrences(idsOf(answer), staying)).toEqual(staying.map(() => 1));
    expect(answer.body.next).toBeUndefined();
    expect(answer.body.truncated).toBeUndefined();
    await times(staying.length, (i) => live.call('DELETE', `iam-live:${staying[i]}`));
    const left = idsOf(await live.list('iam-live'));
    expect(occurrences(left, staying)).toEqual(staying.map(() => 0));
  }, 900_000);
});
