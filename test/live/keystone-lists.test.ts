import { beforeAll, describe, expect, it } from 'vitest';
import { RESPONSE_BODY_BYTES_MAX } from '../../src/limits.ts';
import { count } from '../support/counts.ts';
import { createLiveGateway, type LiveGateway } from './live-gateway.ts';
import { filtersOf, idsOf, occurrences, profilesOf, times } from './live-lists.ts';
import { realServers } from './targets.ts';

const servers = realServers(process.env);
/** Projects that are there all the time. */
const STAYING = count(40, 2_000);
/** Projects that are deleted meanwhile; as many are created. */
const CHANGING = count(8, 40);
const TEST_TIMEOUT_MS = 1_800_000;
/** `list_limit` of the second Keystone. */
const LIST_LIMIT = 5;
/** Keystone takes bodies of 114,688 bytes, and shows each of these two-byte letters in six. */
const DESCRIPTION = 'é'.repeat(55_000);

let live: LiveGateway;
const run = Date.now();
const DOMAIN = 'extensions.iam.domain_id';

/** Creates a domain that no other test lists, with projects in it. */
async function createDomain(name: string, projects: number, description: string) {
  const domain = { name: `${name}-${run}` };
  const made = await live.direct('POST', `${servers?.keystone}/v3/domains`, { domain });
  const id = String(made.body.domain?.id);
  const members = { domain_id: id, description };
  await times(projects, (i) => live.createProject(`${name}-${i}`, members));
  return id;
}

/** Deletes a domain and its projects. */
async function deleteDomain(id: string): Promise<void> {
  const url = `${servers?.keystone}/v3/domains/${id}`;
  await live.direct('PATCH', url, { domain: { enabled: false } });
  expect((await live.direct('DELETE', url)).status).toBe(204);
}

describe.skipIf(servers === undefined)('lists and deletes at a real Keystone', () => {
  beforeAll(async () => {
    live = await createLiveGateway(servers ?? {});
  }, 60_000);

  it('lists what it reads, by each filter', async () => {
    const [name, iam] = [`live-list-${run}`, 'extensions.iam'];
    const id = await live.createProject(name, { tags: [`tag-${run}`, 'blue'] });
    const read = await live.call('GET', `iam-live:${id}`);
    const declared = [DOMAIN, `${iam}.parent_id`, `${iam}.tags`, 'name', 'status'];
    expect(await filtersOf(live, 'iam-live')).toEqual(declared);
    const tags = `&${iam}.tags=blue,tag-${run}`;
    for (const query of ['', '&status=active', `&${DOMAIN}=default`, tags]) {
      const [project, ...others] = profilesOf(await live.list('iam-live', `&name=${name}${query}`));
      expect(others).toEqual([]);
      expect(project).toEqual(read.body.profile);
    }
    expect(idsOf(await live.list('iam-live', tags))).toEqual([id]);
    for (const query of ['&status=inactive', `&${iam}.tags=none`, `&${DOMAIN}=${'f'.repeat(32)}`]) {
      expect(profilesOf(await live.list('iam-live', `&name=${name}${query}`))).toEqual([]);
    }
    const child = await live.createProject(`${name}-child`, { parent_id: id });
    expect(idsOf(await live.list('iam-live', `&${iam}.parent_id=${id}`))).toEqual([child]);
    const blocked = await live.call('DELETE', `iam-live:${id}`);
    expect(blocked.body).toMatchObject({ status: 409, code: 'conflict', outcome: 'rejected' });
    expect(String(blocked.body.upstream?.message)).toContain('not a leaf');
    expect((await live.call('DELETE', `iam-live:${child}`)).status).toBe(204);
    expect((await live.call('DELETE', `iam-live:${id}`)).status).toBe(204);
    expect((await live.call('DELETE', `iam-live:${id}`)).body.code).toBe('profile_not_found');
  }, 120_000);

  it(
    `lists ${STAYING} projects once each while others are created and deleted`,
    async () => {
      const staying = await times(STAYING, (i) => live.createProject(`live-${run}-${i}`));
      const leaving = await times(CHANGING, (i) => live.createProject(`leaving-${run}-${i}`));
      const changes = times(CHANGING, async (i) => {
        await live.call('DELETE', `iam-live:${leaving[i]}`);
        await live.createProject(`coming-${run}-${i}`);
      });
      let isChanging = true;
      const changed = changes.finally(() => {
        isChanging = false;
      });
      let lists = 0;
      do {
        const answer = await live.list('iam-live', '&limit=10');
        expect(occurrences(idsOf(answer), staying)).toEqual(staying.map(() => 1));
        expect([answer.body.next, answer.body.truncated]).toEqual([undefined, undefined]);
        lists += 1;
      } while (isChanging);
      await changed;
      expect(lists).toBeGreaterThan(1);
      expect(occurrences(idsOf(await live.list('iam-live')), leaving)).toEqual(
        leaving.map(() => 0),
      );
    },
    TEST_TIMEOUT_MS,
  );

  it('refuses its one answer with words where it is too large', async () => {
    const size = JSON.stringify(DESCRIPTION).length * 6;
    const projects = Math.ceil(RESPONSE_BODY_BYTES_MAX / size);
    const domain = await createDomain('large', projects, DESCRIPTION);
    try {
      const answer = await live.list('iam-live', `&${DOMAIN}=${domain}&limit=1`);
      expect(answer.body).toMatchObject({ status: 502, code: 'target_invalid_response' });
      expect(answer.body.detail).toContain(`more than ${RESPONSE_BODY_BYTES_MAX} bytes`);
      expect(answer.body.detail).toContain('filter them');
      const one = profilesOf(await live.list('iam-live', `&${DOMAIN}=${domain}&name=large-0`));
      expect(one.map(({ description }) => description)).toEqual([DESCRIPTION]);
    } finally {
      // Lists without a filter of the domain have its projects, too.
      await deleteDomain(domain);
    }
  }, 120_000);

  it('says where the limit of its operator cuts the answer', async () => {
    const domain = await createDomain('limited', LIST_LIMIT + 2, 'few');
    const all = profilesOf(await live.list('iam-live', `&${DOMAIN}=${domain}`));
    expect(all).toHaveLength(LIST_LIMIT + 2);
    const answer = await live.list('iam-limited', `&${DOMAIN}=${domain}`);
    const shown = idsOf(answer);
    expect(shown).toHaveLength(LIST_LIMIT);
    expect(answer.body.truncated).toBe(true);
    expect(answer.body.next).toBeUndefined();
    const hidden = all.filter(({ upstreamId }) => !shown.includes(String(upstreamId)));
    for (const { name, upstreamId } of hidden) {
      const found = await live.list('iam-limited', `&${DOMAIN}=${domain}&name=${name}`);
      expect(idsOf(found)).toEqual([upstreamId]);
      expect(found.body.truncated).toBeUndefined();
    }
  }, 120_000);
});
