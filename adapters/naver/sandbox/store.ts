import * as z from 'zod/mini';
import type { JsonObject } from '../../../src/adapter-kit/json.ts';
import { JOURNAL_ENTRIES_MAX, type SandboxChange } from '../../sandbox-kit/sandbox.ts';
import { isHiddenYet, storedUnkindly, type Unkind } from '../../sandbox-kit/unkind.ts';
import { ACCOUNT_NUMBER, roleNrn } from './roles.ts';

/**
 * A stored profile, in the nine fields of every answer (management-subaccount-getprofiles).
 * Limits are not part of it: pages of different dates allowed different names, so a stored one may
 * break today's rules.
 */
export type Profile = Readonly<z.infer<typeof profileSchema>>;

const profileSchema = z.strictObject({
  profileId: z.string(),
  profileNrn: z.string(),
  name: z.string(),
  description: z.string(),
  enabled: z.boolean(),
  durationSeconds: z.int(),
  roleNrnList: z.array(z.string()),
  createTime: z.string(),
  updateTime: z.string(),
});

type GivenField = 'name' | 'description' | 'enabled' | 'durationSeconds' | 'roleNrnList';

/** The profiles of the sandbox's account, and what happened to them. */
export type ProfileStore = {
  readonly find: (id: string) => Profile | undefined;
  readonly all: () => Iterable<Profile>;
  /** The profiles that a list shows. */
  readonly listed: () => Iterable<Profile>;
  /** Stores a new profile, and answers it as it is stored. */
  readonly add: (given: Pick<Profile, GivenField>) => Profile;
  readonly remove: (id: string) => void;
  /**
   * Lays `change` over the profile and answers the stored result. Times move and the journal grows
   * only if a value changed.
   */
  readonly write: (profile: Profile, change: Partial<Profile>) => Profile;
  readonly outsideWrite: (id: string, change: JsonObject) => void;
  readonly seed: (id: string, resource: JsonObject) => void;
  readonly journal: () => readonly SandboxChange[];
};

export const SEEDED_ID = '76da1a8c-0000-4000-8000-cf13dfc49aa6';

/** More than any test or benchmark needs; the vendor's own number is not documented. */
const PROFILES_MAX = 100_000;

const KOREA_OFFSET_MS = 9 * 60 * 60 * 1000;

/** Members that hold free text. */
const TEXTS = ['name', 'description'];

export function createStore(now: () => number, unkind?: Unkind): ProfileStore {
  const profiles = new Map(seededProfiles().map((profile) => [profile.profileId, profile]));
  const changes: SandboxChange[] = [];
  let sequence = 0;

  const commit = (before: Profile, laidOver: Profile, by: SandboxChange['by']): Profile => {
    if (JSON.stringify(before) === JSON.stringify(laidOver)) return before;
    const atMs = now();
    const timeGiven = laidOver.updateTime !== before.updateTime;
    const after = timeGiven ? laidOver : { ...laidOver, updateTime: koreanTime(atMs) };
    profiles.set(before.profileId, after);
    sequence += 1;
    changes.push({ sequence, atMs, id: before.profileId, by, before, after });
    if (changes.length > JOURNAL_ENTRIES_MAX) changes.shift();
    return after;
  };

  return {
    find: (id) => profiles.get(id),
    all: () => profiles.values(),
    // How soon a list shows a new profile is not documented.
    listed: () =>
      unkind?.modes().includes('late_reads') === true
        ? [...profiles.values()].filter(
            ({ createTime }) => !isHiddenYet(unkind, Date.parse(createTime), now()),
          )
        : profiles.values(),
    add: (given) => {
      if (profiles.size >= PROFILES_MAX) throw new Error('the sandbox holds no more profiles');
      const profileId = crypto.randomUUID();
      const time = koreanTime(now());
      const times = { createTime: time, updateTime: time };
      const named = { ...given, profileId, profileNrn: profileNrn(profileId), ...times };
      const profile = storedUnkindly(unkind, TEXTS, {}, named);
      profiles.set(profileId, profile);
      return profile;
    },
    remove: (id) => {
      profiles.delete(id);
    },
    write: (profile, change) => {
      const after = storedUnkindly(unkind, TEXTS, profile, { ...profile, ...change });
      return commit(profile, after, 'request');
    },
    outsideWrite: (id, change) => {
      const before = profiles.get(id);
      if (!before) throw new Error(`no sandbox profile ${id}`);
      const fixed = { profileId: id, profileNrn: before.profileNrn };
      commit(before, profileSchema.parse({ ...before, ...change, ...fixed }), 'outside');
    },
    seed: (id, resource) => {
      if (profiles.size >= PROFILES_MAX) throw new Error('the sandbox holds no more profiles');
      const base = { ...baseProfile(), profileId: id, profileNrn: profileNrn(id) };
      profiles.set(id, profileSchema.parse({ ...base, ...resource, profileId: id }));
    },
    journal: () => changes.slice(),
  };
}

/** ISO 8601 with milliseconds and Korea's offset, as in the samples of every profile page. */
export function koreanTime(atMs: number): string {
  return new Date(atMs + KOREA_OFFSET_MS).toISOString().replace('Z', '+09:00');
}

function profileNrn(id: string): string {
  return `nrn:PUB:ExternalAccess::${ACCOUNT_NUMBER}:Profile/${id}`;
}

/** 1800 is not the default of 3600, and a role is mapped: a loss by omission shows in both. */
function baseProfile(): Profile {
  return {
    profileId: SEEDED_ID,
    profileNrn: profileNrn(SEEDED_ID),
    name: 'profile000',
    description: 'nightly builds',
    enabled: true,
    durationSeconds: 1800,
    roleNrnList: [roleNrn('5d0d4d80-0000-4000-8000-246e96591a38')],
    createTime: '2024-12-13T14:24:45.128+09:00',
    updateTime: '2024-12-13T14:24:45.128+09:00',
  };
}

function seededProfiles(): readonly Profile[] {
  const hangulId = '76da1a8c-0000-4000-8000-cf13dfc49aa7';
  const disabledId = '76da1a8c-0000-4000-8000-cf13dfc49aa8';
  return [
    baseProfile(),
    {
      ...baseProfile(),
      profileId: hangulId,
      profileNrn: profileNrn(hangulId),
      name: '빌드서버',
      description: '사내 빌드 서버',
      durationSeconds: 43_200,
      roleNrnList: [
        roleNrn('5d0d4d80-0000-4000-8000-246e96591a39'),
        roleNrn('5d0d4d80-0000-4000-8000-246e96591a3a'),
      ],
    },
    {
      ...baseProfile(),
      profileId: disabledId,
      profileNrn: profileNrn(disabledId),
      name: 'spare.profile-1',
      description: '',
      enabled: false,
      durationSeconds: 3600,
      roleNrnList: [],
    },
  ];
}
