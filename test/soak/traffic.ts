import { SEEDED } from '../../adapters/iam/sandbox/projects.ts';
import { SEEDED_ID } from '../../adapters/naver/sandbox/store.ts';
import { SEEDED_IDS } from '../../adapters/nerm/sandbox/seeds.ts';
import { DEMO_PROFILE_ID } from '../../adapters/senlin/sandbox/seed.ts';
import type { Json, JsonObject } from '../../src/adapter-kit/index.ts';
import type { Ask } from '../integration/limits/load.ts';

/** The profiles that are asked for, with a patch of each that brings `value`. */
const PROFILES: readonly { readonly id: string; readonly patch: (value: string) => JsonObject }[] =
  [
    { id: `senlin:${DEMO_PROFILE_ID}`, patch: (value) => ({ attributes: { owner: value } }) },
    { id: `nerm:${SEEDED_IDS.plain}`, patch: (value) => ({ attributes: { cost_centre: value } }) },
    { id: `iam:${SEEDED.demo}`, patch: (value) => ({ description: value }) },
    { id: `naver:${SEEDED_ID}`, patch: (value) => ({ description: value }) },
    { id: `weak:${SEEDED_IDS.plain}`, patch: (value) => ({ attributes: { cost_centre: value } }) },
  ];
/** Values change this seldom, since the sandboxes remember every change. */
const ASKED_PER_VALUE = 500;

/** What callers do all day, mistakes included; the next request each time. */
export function createTraffic(random: () => number): () => Ask {
  let count = 0;
  const pick = <T>(list: readonly T[], fallback: T): T =>
    list[Math.floor(random() * list.length)] ?? fallback;
  return () => {
    count += 1;
    const value = `v${Math.floor(count / ASKED_PER_VALUE)}`;
    const [first] = PROFILES;
    if (first === undefined) throw new Error('there are no profiles');
    const { id, patch } = pick(PROFILES, first);
    const path = `/profiles/${id}`;
    const write = (body: Json): Ask => ({ method: 'PATCH', path, body: JSON.stringify(body) });
    const dice = random();
    if (dice < 0.6) return { method: 'GET', path };
    if (dice < 0.85) return write(patch(value));
    if (dice < 0.88) return { ...write(patch(value)), method: 'POST', path: `${path}/explain` };
    if (dice < 0.9) return { method: 'GET', path: '/capabilities' };
    if (dice < 0.92) return { method: 'GET', path: '/healthz' };
    if (dice < 0.94) return { method: 'GET', path: '/metrics' };
    if (dice < 0.96) return write({ nickname: 'x'.repeat(1_000) });
    if (dice < 0.98) return { method: 'GET', path: `/profiles/gone-${count}:1` };
    return { method: 'PATCH', path, body: `{"attributes":${'['.repeat(40)}` };
  };
}
