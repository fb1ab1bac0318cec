import { describe, expect, test } from 'vitest';
import {
  ask,
  KEYS,
  operated,
  PROFILE,
  patch,
  withReplicas,
} from '../integration/lifecycle/operating.ts';
import { readyRunOf } from '../integration/matching/planted.ts';
import { ID, type TestReplica } from '../state/replicas.ts';
import { consoleOf } from './in-process.ts';
import { createVisitor } from './visitor.ts';

/** Values of the profile, of patches, and of the vendor's words about them. */
const VALUES = {
  name: 'canary-of-the-name',
  stored: 'canary-that-is-stored',
  written: 'canary-that-is-written',
  rejected: 'canary-that-is-rejected',
  unanswered: 'canary-without-an-answer',
};
const SECRETS = [...Object.values(KEYS), 'an-api-key-not-real', 'another-key-not-real'];

/** A vendor that quotes what it rejects, and does not answer some writes. */
async function quotingVendor(request: Request): Promise<Response> {
  const text = request.method === 'PATCH' ? await request.text() : '';
  const isList = new URL(request.url).pathname.endsWith('/profiles');
  const isLast = isList && request.url.includes(ID);
  const headers = { 'content-type': 'application/json', date: new Date().toUTCString() };
  if (text.includes(VALUES.rejected)) {
    const error = `${VALUES.rejected} is not allowed; the key an-api-key-not-real is`;
    return new Response(JSON.stringify({ error }), { status: 422, headers });
  }
  if (text.includes(VALUES.unanswered)) return new Response('?', { status: 504, headers });
  const profile = {
    id: ID,
    uid: '0f3c9a7be1d24a5f8c6b7d8e9fa0b1c2',
    name: VALUES.name,
    status: 'Active',
    attributes: { owner: text.includes(VALUES.written) ? VALUES.written : VALUES.stored },
    created_at: '2026-01-05T08:00:00.000Z',
    updated_at: new Date().toISOString(),
  };
  const answer = isList ? { profiles: isLast ? [] : [profile] } : { profile };
  return new Response(JSON.stringify(answer), { headers });
}

/** Every page that the console has, receipts and targets one by one. */
async function allPages(replica: TestReplica, key: string): Promise<Map<string, string>> {
  const visitor = createVisitor(consoleOf(replica.gateway));
  await visitor.signIn(key);
  const pages = new Map<string, string>();
  const waiting = ['/console', '/console/receipts?caller=portal'];
  const names = ['try', 'routes?ids=emp-17', 'links', 'in-doubt', 'replicas', 'configuration'];
  names.push('matches');
  waiting.push(...names.map((name) => `/console/${name}`));
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (pages.has(path)) continue;
    const { text } = await visitor.get(path);
    pages.set(path, text);
    const links = text.matchAll(/href="(\/console\/(?:targets|receipts|matches)\/[^"?#]+)"/g);
    waiting.push(...[...links].map(([, link = '']) => link));
  }
  return pages;
}

function findIn(pages: ReadonlyMap<string, string>, texts: readonly string[]): string[] {
  return [...pages].flatMap(([path, text]) =>
    texts.filter((one) => text.includes(one)).map((one) => `${path}: ${one}`),
  );
}

const CALLERS = {
  ...(operated.callers as object),
  all: { key: 'key-of-who-may-all-1', scopes: ['admin', 'profiles:read', 'profiles:write'] },
};

describe('no page shows more than its reader may see', () => {
  test(
    'values of profiles only to readers of profiles, secrets to nobody',
    withReplicas(async (start) => {
      const document = { ...operated, callers: CALLERS };
      const options = { document, sessionMs: 20_000, settleMs: 60_000 };
      const replica = await start('a', { fetch: quotingVendor, ...options });
      await ask(replica, 'GET', `/profiles/${PROFILE}`, { by: 'portal' });
      const written = [VALUES.written, VALUES.rejected, VALUES.unanswered];
      const ends = [];
      for (const owner of written) ends.push((await patch(replica, { owner })).status);
      expect(ends).toEqual([200, 422, 504]);
      const run = await readyRunOf(replica, { newLinkId: { pointer: '/upstreamId' } });

      for (const key of [KEYS.watcher, KEYS.ops]) {
        const pages = await allPages(replica, key);
        expect(
          [...pages.keys()].filter((path) => path.startsWith('/console/receipts/')),
        ).toHaveLength(3);
        expect(pages.get('/console/targets/acme')).toContain('outcome_unknown');
        expect(pages.get(`/console/matches/${run}`)).toContain(ID);
        expect(pages.get('/console/targets/acme/profiles')).toContain('You may not see');
        expect(findIn(pages, [...Object.values(VALUES), ...SECRETS])).toEqual([]);
      }
      const pages = await allPages(replica, 'key-of-who-may-all-1');
      expect(findIn(pages, Object.values(VALUES)).toSorted()).toEqual([
        `/console/targets/acme/profiles: ${VALUES.name}`,
        `/console/targets/acme: ${VALUES.rejected}`,
        `/console/targets/far/profiles: ${VALUES.name}`,
      ]);
      expect(findIn(pages, SECRETS)).toEqual([]);
    }),
  );

  test(
    'an explanation shows no value to who may not read',
    withReplicas(async (start) => {
      const billing = { key: 'key-of-a-blind-writer', scopes: ['admin', 'profiles:write'] };
      const document = { ...operated, callers: { ...CALLERS, blind: billing } };
      const replica = await start('a', { fetch: quotingVendor, document, sessionMs: 20_000 });
      const visitor = createVisitor(consoleOf(replica.gateway));
      await visitor.signIn('key-of-a-blind-writer');
      await visitor.get('/console/try');
      const fields = { id: PROFILE, patch: '{"attributes":{"owner":"x"}}', handling: 'strict' };
      const values = Object.values(VALUES);
      for (const reads of ['', 'true']) {
        const { text } = await visitor.post('/console/try', { ...fields, reads });
        expect(findIn(new Map([[reads, text]]), [...values, ...SECRETS])).toEqual([]);
      }
      const sent = await visitor.post('/console/try/send', { ...fields, key: 'k-1' });
      expect(findIn(new Map([['sent', sent.text]]), [...values, ...SECRETS])).toEqual([]);
    }),
  );
});
