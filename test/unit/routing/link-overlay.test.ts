import { describe, expect, test } from 'vitest';
import { createLinkOverlay, withChangedLinks } from '../../../src/routing/link-overlay.ts';
import { createLinkTable } from '../../../src/routing/link-table.ts';
import { type Links, LinksUnavailable } from '../../../src/routing/links.ts';

const FILE: Links = { find: (id) => (id === 'a' ? new Map([['acme', 'file']]) : undefined) };

function opened() {
  const overlay = createLinkOverlay();
  overlay.reached(0);
  return { overlay, links: overlay.over(FILE) };
}

const entries = async (links: Links, id: string) => {
  const link = await links.find(id);
  return link && Object.fromEntries(link);
};

describe('links that the API has changed', () => {
  test('come before those of the file, also where they were removed', async () => {
    const { links, overlay } = opened();
    expect(await entries(links, 'a')).toEqual({ acme: 'file' });
    overlay.put([{ id: 'a', targets: { far: 'x', acme: 'y' } }, { id: 'b' }]);
    expect(await entries(links, 'a')).toEqual({ far: 'x', acme: 'y' });
    expect(await entries(links, 'b')).toBeUndefined();
    overlay.put([{ id: 'a' }, { id: 'b', targets: { near: 'z' } }]);
    expect(await entries(links, 'a')).toBeUndefined();
    expect(await entries(links, 'b')).toEqual({ near: 'z' });
    expect(['a', 'b', 'c'].map((id) => links.changes?.has(id))).toEqual([true, true, false]);
  });

  test('are not known before all of them were read, nor after they were forgotten', async () => {
    const overlay = createLinkOverlay();
    const links = overlay.over(FILE);
    await expect(links.find('a')).rejects.toThrow(LinksUnavailable);
    overlay.reached(3);
    expect(links.changes?.version()).toBe(3);
    overlay.put([{ id: 'a', targets: { acme: 'api' } }]);
    expect(await entries(links, 'a')).toEqual({ acme: 'api' });
    overlay.clear();
    await expect(links.find('a')).rejects.toThrow(LinksUnavailable);
    overlay.reached(1);
    expect(await entries(links, 'a')).toEqual({ acme: 'file' });
  });

  test('take no more room however often they are replaced', async () => {
    const { links, overlay } = opened();
    const ids = Array.from({ length: 100 }, (_, n) => `id ${n}`);
    const upstreamId = 'x'.repeat(200);
    for (let round = 0; round < 1_500; round += 1) {
      overlay.put(ids.map((id) => ({ id, targets: { acme: `${upstreamId} ${id} ${round}` } })));
    }
    // 150,000 records of 230 bytes are 33 MB.
    expect(overlay.byteLength()).toBeLessThan(8 * 1024 * 1024);
    for (const id of ids) {
      expect(await entries(links, id)).toEqual({ acme: `${upstreamId} ${id} 1499` });
    }
  });

  test('are put above each version of a configuration once', () => {
    const { overlay } = opened();
    const merge = withChangedLinks(overlay);
    const configured = { links: FILE };
    expect(merge(configured)).toBe(merge(configured));
    expect(merge(configured).links?.changes?.below).toBe(FILE);
    expect(merge({ links: undefined }).links?.changes?.below).toBeUndefined();
  });
});

test('a table lists each link once, in places that stay', () => {
  const table = createLinkTable(['acme']);
  const ids = Array.from({ length: 3_000 }, (_, n) => `id ${n}`);
  for (const id of ids) table.add(id, [{ position: 0, upstreamId: `of ${id}` }]);
  const listed: string[] = [];
  for (let place: number | undefined = 0; place !== undefined; ) {
    const { links, next } = table.list(place, 100);
    listed.push(...links.map(({ id }) => id));
    for (const { id, link } of links) expect(link.get('acme')).toBe(`of ${id}`);
    place = next;
  }
  expect(listed.toSorted()).toEqual(ids.toSorted());
});
