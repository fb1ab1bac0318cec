import { describe, expect, it } from 'vitest';
import { linksTo } from '../../../src/profiles/deletion/unlink.ts';
import { createLinkOverlay, type LinkOverlay } from '../../../src/routing/link-overlay.ts';
import { LinksUnavailable } from '../../../src/routing/links.ts';
import { createVendor, document, ID } from '../../state/replicas.ts';
import { createInMemoryGateway } from '../../support/in-memory.ts';

const PATH = `/profiles/acme:${ID}`;

/** A gateway whose vendor answers no delete, and calls `onDelete` with its profile. */
async function staged(onDelete: (profile: { name: string }) => void, links?: LinkOverlay) {
  const vendor = createVendor();
  const fetch = async (request: Request): Promise<Response> => {
    if (request.method !== 'DELETE') return vendor.fetch(request);
    onDelete(vendor.profile);
    throw new TypeError('the connection broke');
  };
  const gateway = await createInMemoryGateway({ document, fetch, ...(links && { links }) });
  const etag = async () => (await gateway.ask('GET', PATH)).headers.get('etag') ?? '';
  const deletes = () => gateway.sent.filter(({ method }) => method === 'DELETE').length;
  return { gateway, etag, deletes };
}

describe('a delete without an answer', () => {
  it('is sent again while the profile is the one that If-Match names', async () => {
    const { deletes, etag, gateway } = await staged(() => {});
    const answer = await gateway.ask('DELETE', PATH, { headers: { 'if-match': await etag() } });
    expect(answer.body).toMatchObject({ outcome: 'unknown', reason: 'retry_failed' });
    expect(deletes()).toBe(2);
  });

  it('is not sent again once it is another one', async () => {
    const { deletes, etag, gateway } = await staged((profile) => {
      profile.name = 'Renamed meanwhile';
    });
    const answer = await gateway.ask('DELETE', PATH, { headers: { 'if-match': await etag() } });
    expect(answer.body).toMatchObject({ outcome: 'unknown', reason: 'unproven' });
    expect(deletes()).toBe(1);
    expect(answer.headers.get('etag')).toBe(await etag());
  });
});

describe('a delete while the links that the API has changed were never read', () => {
  it('is refused before anything is sent', async () => {
    const links = createLinkOverlay();
    const { gateway } = await staged(() => {}, links);
    const answer = await gateway.ask('DELETE', PATH);
    expect([answer.status, answer.body.code]).toEqual([503, 'not_configured']);
    expect(gateway.sent).toEqual([]);
    links.reached(0);
    expect((await gateway.ask('DELETE', PATH)).status).toBe(504);
  });

  it('finds no links, and does not throw where they cease to be there', async () => {
    const { gateway } = await staged(() => {});
    const target = gateway.targets.get('acme');
    if (target === undefined) throw new Error('there is no target');
    const { targets } = gateway;
    const profile = { target, upstreamId: ID };
    const overlay = createLinkOverlay();
    const unread = { links: overlay.over(undefined), targets };
    expect(await linksTo(unread, profile, {})).toBe('unread');
    const followLinks = async () => overlay.reached(1);
    expect(await linksTo(unread, profile, { followLinks })).toBeUndefined();
    const find = () => Promise.reject(new LinksUnavailable());
    const lost = { ...unread.links, find, idsAt: () => ['emp-1'] };
    expect(await linksTo({ links: lost, targets }, profile, {})).toBe('unread');
  });
});
