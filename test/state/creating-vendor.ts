import { expect } from 'vitest';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { NEVER } from './replicas.ts';

const TYPE = '5c7e9a10-2b4d-4f6a-8c0e-1a3b5d7f9e76';
/** A profile that is to be created, with an id. */
export const BODY: JsonObject = {
  target: 'acme',
  id: 'emp-1',
  name: 'CANARY-NAME',
  status: 'active',
  extensions: { nerm: { profile_type_id: TYPE } },
};
/** A vendor that creates and lists as NERM does, and answers no create. */
export function createVendor() {
  const profiles: JsonObject[] = [];
  const vendor = {
    profiles,
    creates: 0,
    /** Makes the profile that a create asks for. */
    makes: true,
    /** Answers a create, or never does. */
    answers: false,
    /** Answers a create with 429, unprocessed. */
    turnsAway: false,
    /** Called as a search arrives, before it is answered. */
    onSearch: async (): Promise<void> => {},
    fetch: async (request: Request): Promise<Response> => {
      const headers = { 'content-type': 'application/json', date: new Date().toUTCString() };
      const answer = (body: JsonObject, status = 200) =>
        new Response(JSON.stringify(body), { status, headers });
      const { pathname } = new URL(request.url);
      if (request.method === 'POST' && vendor.turnsAway) return answer({}, 429);
      if (request.method === 'POST') {
        vendor.creates += 1;
        const time = new Date().toISOString();
        const id = `33f072dd-13b4-41e1-8ea0-00000000000${vendor.creates}`;
        const times = { created_at: time, updated_at: time };
        const profile = { ...JSON.parse(await request.text()).profile, id, uid: 'u', ...times };
        if (vendor.makes) profiles.push({ ...profile, attributes: {} });
        return vendor.answers ? answer({ profile }) : NEVER;
      }
      if (pathname.endsWith('/profiles')) {
        await vendor.onSearch();
        return profiles.length === 0
          ? answer({ error: 'no profiles found' }, 400)
          : answer({ profiles });
      }
      const profile = profiles.find(({ id }) => pathname.endsWith(String(id)));
      return profile === undefined
        ? answer({ error: 'profile not found' }, 400)
        : answer({ profile });
    },
  };
  return vendor;
}

/** Waits until something holds, for 4 s at most. */
export async function waitUntil(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400 && !holds(); tries += 1) {
    await new Promise((next) => setTimeout(next, 10));
  }
  expect(holds()).toBe(true);
}
