import { expect, test } from 'vitest';
import { ask } from '../lifecycle/operating.ts';
import { at, type Directory, withLinks } from './linking.ts';

/** A vendor that lists one profile. */
function listing(directory: Directory, upstreamId: string): Directory['fetch'] {
  return async (request) => {
    const { pathname } = new URL(request.url);
    if (request.method !== 'GET' || !pathname.endsWith('/profiles')) {
      return directory.fetch(request);
    }
    const read = await directory.fetch(new Request(`${request.url.split('?')[0]}/${upstreamId}`));
    const { profile } = JSON.parse(await read.text());
    return Response.json({ profiles: [profile] });
  };
}

test.each([
  ['acme', 1, 'emp-1'],
  ['far', 2, `far:${at(2)}`],
])('an id in a list of %s leads to the profile that is listed', (target, n, id) =>
  withLinks({ 'emp-1': { acme: at(1), far: at(2) } }, async (start, directory) => {
    const replica = await start('a', { fetch: listing(directory, at(n)) });
    const { json } = await ask(replica, 'GET', `/profiles?target=${target}`, { by: 'portal' });
    expect(json.profiles).toMatchObject([{ id, target, upstreamId: at(n) }]);
    expect((await ask(replica, 'DELETE', `/profiles/${id}`, { by: 'portal' })).status).toBe(204);
    expect([...directory.deleted]).toEqual([at(n)]);
  })(),
);
