import { describe, expect, it } from 'vitest';
import type { Listing } from '../../../adapters/keystone/sandbox/list.ts';
import { createStage, listPage, plantedId, profilesOf, type Stage, walk } from './stage.ts';

const COUNT = 40;
const numbers = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

const PAGED: Listing = { paging: 'marker' };

/** A target with planted profiles, made `stepMs` one after the other. */
async function planted(vendor: string, stepMs = 1000, listing?: Listing): Promise<Stage> {
  const stage = await createStage(listing);
  for (const number of numbers(0, COUNT)) plant(stage, vendor, number, stepMs);
  return stage;
}

function plant(stage: Stage, vendor: string, number: number, stepMs = 1000): void {
  const at = new Date(Date.parse('2026-01-01T00:00:00Z') + number * stepMs).toISOString();
  stage.sandbox(vendor).seed(plantedId(vendor, number), seedOf(vendor, number, at));
}

function seedOf(vendor: string, number: number, at: string) {
  if (vendor === 'senlin') return { name: `p${number}`, created_at: `${at.slice(0, 19)}Z` };
  if (vendor === 'nerm') return { name: `p${number}`, created_at: at };
  return { name: vendor === 'iam' ? `eu-de_p${number}` : `p${number}` };
}

const remove = (stage: Stage, vendor: string, number: number) =>
  stage.sandbox(vendor).outsideRemove?.(plantedId(vendor, number));

/** Counts how often each planted profile was listed. */
function timesListed(vendor: string, ids: readonly string[]): number[] {
  return numbers(0, COUNT).map(
    (number) => ids.filter((id) => id === plantedId(vendor, number)).length,
  );
}

const STABLE: readonly [string, Listing | undefined][] = [
  ['senlin', undefined],
  ['nerm', undefined],
  ['keystone', PAGED],
];
const ALL: typeof STABLE = [...STABLE, ['naver', undefined], ['iam', undefined]];

describe('a walk', () => {
  it.each(ALL)(
    'over %s lists each profile once, whatever the size of a page',
    async (vendor, listing) => {
      const stage = await planted(vendor, 1000, listing);
      for (const limit of [1, 7, COUNT, 100]) {
        const ids = await walk(stage, `${vendor}-demo`, `&limit=${limit}`);
        expect(timesListed(vendor, ids)).toEqual(numbers(0, COUNT).map(() => 1));
        expect(new Set(ids).size).toBe(ids.length);
      }
    },
  );

  it.each(STABLE)(
    'over %s lists each that stays once, while others come and go',
    async (vendor, listing) => {
      // Every 5th stays; the others are deleted around each place that the walk has reached.
      for (const limit of [1, 4, 9]) {
        const stage = await planted(vendor, 1000, listing);
        const ids = await walk(stage, `${vendor}-demo`, `&limit=${limit}`, (page) => {
          for (const number of numbers(0, Math.min(COUNT, page * limit + 2))) {
            if (number % 5 !== 0) remove(stage, vendor, number);
          }
          if (page < 50) plant(stage, vendor, COUNT + page);
        });
        const staying = numbers(0, COUNT).filter((number) => number % 5 === 0);
        const times = timesListed(vendor, ids);
        expect(staying.map((number) => times[number])).toEqual(staying.map(() => 1));
        expect(times.every((count) => count <= 1)).toBe(true);
      }
    },
  );

  it.each(['naver', 'iam'])(
    'over %s lists none twice that an insert has moved on',
    async (vendor) => {
      const stage = await planted(vendor);
      const ids = await walk(stage, `${vendor}-demo`, '&limit=7');
      expect(new Set(ids).size).toBe(ids.length);
    },
  );
});

describe('a deleted marker of Senlin', () => {
  it('does not begin the walk again, even where all markers are gone', async () => {
    const stage = await planted('senlin');
    const ids = await walk(stage, 'senlin-demo', '&limit=10', (page) => {
      if (page === 2) for (const number of numbers(4, 19)) remove(stage, 'senlin', number);
    });
    expect(timesListed('senlin', ids).every((count) => count === 1)).toBe(true);
  });

  it('is no trap where all profiles have one time of creation', async () => {
    const stage = await planted('senlin', 0);
    const ids = await walk(stage, 'senlin-demo', '&limit=10', (page) => {
      if (page === 2) remove(stage, 'senlin', 18);
    });
    expect(timesListed('senlin', ids).every((count) => count === 1)).toBe(true);
  });

  it('ends the walk with words where the times of creation show no place', async () => {
    const stage = await planted('senlin', 0);
    const walking = walk(stage, 'senlin-demo', '&limit=10', (page) => {
      if (page === 2) for (const number of numbers(12, 20)) remove(stage, 'senlin', number);
    });
    await expect(walking).rejects.toThrow('invalid_cursor');
  });
});

describe('pages of NERM', () => {
  it('may be empty, and leave out what is archived', async () => {
    const stage = await planted('nerm');
    for (const number of numbers(8, 24)) {
      stage.sandbox('nerm').outsideWrite(plantedId('nerm', number), { archived: true });
    }
    const ids = await walk(stage, 'nerm-demo', '&limit=4');
    const wanted = numbers(0, COUNT).map((number) => (number >= 8 && number < 24 ? 0 : 1));
    expect(timesListed('nerm', ids)).toEqual(wanted);
    const archived = await walk(stage, 'nerm-demo', '&limit=4&extensions.nerm.archived=true');
    expect(timesListed('nerm', archived)).toEqual(wanted.map((count) => 1 - count));
  });

  it('by a name are those of the plain list, compared again', async () => {
    const stage = await planted('nerm');
    expect(await walk(stage, 'nerm-demo', '&limit=3&name=p1')).toEqual([plantedId('nerm', 1)]);
    const sent = stage.gateway.sent.filter(({ path }) => path.includes('after_id'));
    expect(sent).toEqual([]);
  });

  it('that do not lead on end the walk', async () => {
    const stage = await createStage();
    const again = JSON.stringify({ profiles: [{ id: plantedId('nerm', 1), name: 'p' }] });
    const stuck = await createStage(undefined, {
      fetch: async (request) =>
        request.url.includes('/nerm/') ? new Response(again) : stage.set.fetch(request),
    });
    await expect(walk(stuck, 'nerm-demo', '')).rejects.toThrow('target_invalid_response');
  });
});

describe('Keystone before 2025.1', () => {
  it('answers all at once, which counts as one page', async () => {
    const stage = await planted('keystone');
    const answer = await listPage(stage, 'keystone-demo', '&limit=2');
    expect(profilesOf(answer).length).toBeGreaterThan(COUNT);
    expect(answer.body.next).toBeUndefined();
    expect(answer.body.truncated).toBeUndefined();
  });

  it('says where the operator’s limit cuts the list', async () => {
    const stage = await planted('keystone', 0, { paging: 'none', listLimit: 10 });
    const answer = await listPage(stage, 'keystone-demo');
    expect(profilesOf(answer)).toHaveLength(10);
    expect(answer.body.truncated).toBe(true);
  });

  it('is refused with words where the one answer is too large', async () => {
    const stage = await planted('keystone');
    const description = 'x'.repeat(200_000);
    for (const number of numbers(0, 30)) {
      stage.sandbox('keystone').outsideWrite(plantedId('keystone', number), { description });
    }
    const answer = await listPage(stage, 'keystone-demo', '&limit=1');
    expect(answer.body).toMatchObject({ status: 502, code: 'target_invalid_response' });
    expect(answer.body.detail).toContain('more than 4194304 bytes');
    expect((await listPage(stage, 'keystone-demo', '&name=p3')).status).toBe(200);
  });
});

describe('Keystone from 2025.1', () => {
  it('is walked in the domain of the credential, and by tags without losing pages', async () => {
    const stage = await planted('keystone', 0, PAGED);
    for (const number of [3, 31]) {
      const id = plantedId('keystone', number);
      stage.sandbox('keystone').outsideWrite(id, { tags: ['blue', 'old'] });
    }
    const ids = await walk(stage, 'keystone-demo', '&limit=5&extensions.iam.tags=blue,old');
    expect(ids).toEqual([3, 31].map((number) => plantedId('keystone', number)));
    const lists = stage.gateway.sent.filter(({ path }) => path.includes('/v3/projects?'));
    expect(lists.length).toBeGreaterThan(5);
    expect(lists.every(({ path }) => path.includes('domain_id=default'))).toBe(true);
  });
});
