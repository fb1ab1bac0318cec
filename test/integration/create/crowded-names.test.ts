import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { NEW_PROFILES, startStage } from './stage.ts';

/** Answers of a vendor to a search that finds as many profiles as a page has. */
const FULL_PAGES: Readonly<Record<string, (names: readonly string[]) => JsonObject>> = {
  'senlin-demo': (names) => ({
    profiles: names.map((name) => ({ id: crypto.randomUUID(), name })),
  }),
  'naver-demo': (names) => ({
    content: names.map((name) => ({ profileId: crypto.randomUUID(), name })),
    pageSize: names.length,
  }),
};

const PAGE_SIZE = 100;

describe.each([
  ['senlin-demo', 1, 'The target has 100 profiles or more of the name.'],
  ['naver-demo', 7, 'More than 7 pages of profiles have the name as a part of theirs.'],
])('a create at %s', (target, pages, detail) => {
  it('of a name of more profiles than a search shows is refused with the cause', async () => {
    const { create, sent, stage } = await startStage();
    const page = FULL_PAGES[target]?.(Array.from({ length: PAGE_SIZE }, () => 'crowded'));
    const isSearch = ({ method, url }: Request) => method === 'GET' && url.includes('crowded');
    stage.passage = async (request, deliver) =>
      isSearch(request) ? Response.json(page) : deliver();
    const answer = await create({ target, ...NEW_PROFILES[target], name: 'crowded' });
    expect([answer.status, answer.body.code]).toEqual([502, 'target_invalid_response']);
    expect(answer.body).toMatchObject({ outcome: 'rejected', detail });
    const searches = sent.filter(({ path }) => path.includes('crowded'));
    expect(searches).toHaveLength(pages);
    expect(sent.some(({ body }) => body?.includes('crowded'))).toBe(false);
  });
});
