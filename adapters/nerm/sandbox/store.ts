import * as z from 'zod/mini';
import type { JsonObject } from '../../../src/adapter-kit/json.ts';
import { JOURNAL_ENTRIES_MAX, type SandboxChange } from '../../sandbox-kit/sandbox.ts';
import { isHiddenYet, storedUnkindly, type Unkind } from '../../sandbox-kit/unkind.ts';
import type { Directory } from './attributes.ts';
import { PLAIN_PROFILE, SEEDED_PROFILES, USERS } from './seeds.ts';

/**
 * A profile as stored: references as UUIDs, `archived` included. Keys beyond these are kept and
 * shown, since the published schema does not exclude more of them. [N1]
 */
const storedProfile = z.catchall(
  z.object({
    id: z.string(),
    uid: z.string(),
    name: z.string(),
    profile_type_id: z.string(),
    status: z.string(),
    id_proofing_status: z.string(),
    archived: z.boolean(),
    created_at: z.string(),
    updated_at: z.string(),
    attributes: z.record(z.string(), z.string()),
  }),
  z.json(),
);

export type StoredProfile = z.infer<typeof storedProfile>;

/** A profile without what the vendor makes. */
export type NewProfile = Omit<StoredProfile, 'id' | 'uid' | 'created_at' | 'updated_at'>;

export type ProfileStore = {
  readonly directory: Directory;
  /** The profile, unless it is unknown or archived. */
  readonly visible: (id: string) => StoredProfile | undefined;
  /** Every profile of a list, archived ones too, in the order of ids. */
  readonly listed: () => readonly StoredProfile[];
  readonly remove: (id: string) => void;
  /** Stores a new profile, and returns it as it is stored. */
  readonly add: (given: NewProfile) => StoredProfile;
  readonly copy: (id: string) => JsonObject | undefined;
  /** Stores `after` with a new `updated_at`, or returns undefined if nothing changes. */
  readonly write: (
    before: StoredProfile,
    after: StoredProfile,
    by: SandboxChange['by'],
  ) => StoredProfile | undefined;
  /** Throws on an unknown id or a value outside the stored shape. */
  readonly outsideWrite: (id: string, change: JsonObject) => void;
  /** Throws on a value outside the stored shape. */
  readonly seed: (id: string, resource: JsonObject) => void;
  readonly journal: () => readonly SandboxChange[];
};

/** Members that hold free text. */
const TEXTS = ['name', 'attributes'];

export function createProfileStore(now: () => number, unkind?: Unkind): ProfileStore {
  const profiles = new Map<string, StoredProfile>();
  const changes: SandboxChange[] = [];
  let sequence = 0;
  let sorted: readonly StoredProfile[] | undefined;
  for (const profile of SEEDED_PROFILES) profiles.set(profile.id, storedProfile.parse(profile));

  const write: ProfileStore['write'] = (before, next, by) => {
    const after = by === 'outside' ? next : storedUnkindly(unkind, TEXTS, before, next);
    // An unchanged profile is not written: `updated_at` stays. [N7]
    if (sameJson(before, after)) return undefined;
    const atMs = now();
    const touched = after.updated_at !== before.updated_at;
    const written = { ...after, updated_at: touched ? after.updated_at : timeText(atMs) };
    profiles.set(written.id, written);
    sorted = undefined;
    sequence += 1;
    const copies = { before: structuredClone(before), after: structuredClone(written) };
    changes.push({ sequence, atMs, id: written.id, by, ...copies });
    if (changes.length > JOURNAL_ENTRIES_MAX) changes.shift();
    return written;
  };

  return {
    directory: { profile: (id) => profiles.get(id), user: (id) => USERS.get(id) },
    visible(id) {
      const profile = profiles.get(id);
      return profile?.archived ? undefined : profile;
    },
    listed: () => {
      sorted ??= [...profiles.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
      // How soon a list shows a new profile is not documented.
      return unkind?.modes().includes('late_reads') === true
        ? sorted.filter(({ created_at }) => !isHiddenYet(unkind, Date.parse(created_at), now()))
        : sorted;
    },
    remove: (id) => {
      profiles.delete(id);
      sorted = undefined;
    },
    add: (given) => {
      const id = crypto.randomUUID();
      const time = timeText(now());
      const made = { id, uid: id.replaceAll('-', ''), created_at: time, updated_at: time };
      const profile = storedProfile.parse(storedUnkindly(unkind, TEXTS, {}, { ...given, ...made }));
      profiles.set(id, profile);
      sorted = undefined;
      return profile;
    },
    copy: (id) => structuredClone(profiles.get(id)),
    write,
    outsideWrite(id, change) {
      const before = profiles.get(id);
      if (before === undefined) throw new Error(`no stored profile ${id}`);
      write(before, storedProfile.parse({ ...before, ...change, id }), 'outside');
    },
    seed(id, resource) {
      const uid = id.replaceAll('-', '');
      sorted = undefined;
      profiles.set(id, storedProfile.parse({ ...PLAIN_PROFILE, uid, ...resource, id }));
    },
    journal: () => [...changes],
  };
}

/** Equality of JSON values; the order of keys does not matter. */
function sameJson(left: unknown, right: unknown): boolean {
  if (left === right) return true;
  if (typeof left !== 'object' || typeof right !== 'object') return false;
  if (left === null || right === null || Array.isArray(left) !== Array.isArray(right)) return false;
  const rightValues = new Map(Object.entries(right));
  const entries = Object.entries(left);
  return (
    entries.length === rightValues.size &&
    entries.every(([key, value]) => rightValues.has(key) && sameJson(value, rightValues.get(key)))
  );
}

const OFFSET_MS = -5 * 3_600_000;

/** A time as the vendor writes it: milliseconds and an offset, never `Z`. [N1] */
function timeText(atMs: number): string {
  return new Date(atMs + OFFSET_MS).toISOString().replace('Z', '-05:00');
}
