import { describe, expect, it } from 'vitest';
import { linkedIds } from '../../../src/profiles/listing/linked-ids.ts';
import { createLinkTable } from '../../../src/routing/link-table.ts';
import type { Links } from '../../../src/routing/links.ts';
import { gatewayOf, request } from '../routing/routes.ts';

const NAMES = ['east', 'north'];

function openLinks() {
  const table = createLinkTable(NAMES);
  const add = (id: string, east?: string, north?: string) => {
    const linked = [east, north].flatMap((upstreamId, position) =>
      upstreamId === undefined ? [] : [{ position, upstreamId }],
    );
    table.add(id, linked);
  };
  add('a', '1', 'n1');
  add('b', '2');
  add('c', '2');
  add('refused', 'bad');
  return table;
}

const ROUTES = [{ match: { header: { 'x-side': 'north' } }, to: 'north' }, { to: 'east' }] as const;

/** Returns the ids of the profiles as a caller with these headers gets them. */
async function listed(
  target: string,
  upstreamIds: readonly string[],
  headers: Readonly<Record<string, string>> = {},
  links: Links | undefined = openLinks(),
) {
  const gateway = await gatewayOf(ROUTES, {}, links);
  const profiles = upstreamIds.map((upstreamId) => ({ upstreamId }));
  const requestFor = (id: string) => request({ id, headers });
  return Object.fromEntries(await linkedIds(gateway, requestFor, { name: target }, profiles));
}

describe('the id of a listed profile', () => {
  it('is the linked one where exactly one link leads there', async () => {
    expect(await listed('east', ['1', '2', '3'])).toEqual({ 1: 'a' });
    expect(await listed('east', ['1'], {}, { find: () => undefined })).toEqual({});
  });

  it('is never one that the rules send to another profile', async () => {
    expect(await listed('north', ['n1'])).toEqual({});
    expect(await listed('east', ['1'], { 'x-side': 'north' })).toEqual({});
    expect(await listed('north', ['n1'], { 'x-side': 'north' })).toEqual({ n1: 'a' });
    // A target of the same namespace is another one.
    expect(await listed('west', ['1'])).toEqual({});
  });

  it('is never one that is refused', async () => {
    expect(await listed('east', ['bad', '1'])).toEqual({ 1: 'a' });
  });
});
