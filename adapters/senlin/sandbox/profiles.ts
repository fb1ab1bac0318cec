import { type Json, type JsonObject, own, ownText } from '../../../src/adapter-kit/json.ts';
import type { Journal } from '../../keystone/sandbox/journal.ts';
import { pythonEqual } from '../../keystone/sandbox/python.ts';
import { storedUnkindly, type Unkind } from '../../sandbox-kit/unkind.ts';
import type { ProfileUpdate } from './requests.ts';
import { SEEDED_PROFILES } from './seed.ts';
import { notFound, SenlinFault } from './wire.ts';

/** Beyond this many profiles creation is refused, as no test needs more. */
const PROFILES_MAX = 10_000;

/** The caller: an administrator sees and writes the profiles of every project (transcript). */
export type Caller = {
  readonly userId: string;
  readonly projectId: string;
  readonly isAdmin: boolean;
};

export type Profiles = {
  readonly find: (id: string) => JsonObject | undefined;
  readonly ids: () => readonly string[];
  /** The profile an identity means to this caller, or a refusal. */
  readonly resolve: (identity: string, caller: Caller) => JsonObject;
  readonly visible: (caller: Caller) => readonly JsonObject[];
  /** Stores a new profile, by `atMs` where that is later. */
  readonly add: (profile: JsonObject, atMs?: number) => void;
  readonly update: (identity: string, patch: ProfileUpdate, caller: Caller) => Promise<JsonObject>;
  readonly remove: (identity: string, caller: Caller) => void;
  /** Stores or deletes a profile without any rule. */
  readonly drop: (id: string) => void;
  readonly put: (id: string, profile: JsonObject) => void;
};

/** Member of a seeded profile that clusters or nodes use. */
const IN_USE = 'in_use';

/** Members that hold free text. */
const TEXTS = ['name', 'metadata'];

export function createProfiles(journal: Journal, now: () => number, unkind?: Unkind): Profiles {
  const profiles = new Map<string, JsonObject>();
  for (const seeded of SEEDED_PROFILES) profiles.set(ownText(seeded, 'id') ?? '', seeded);
  const late = new Map<string, { readonly atMs: number; readonly profile: JsonObject }>();
  const stored = () => {
    for (const [id, { atMs, profile }] of late) {
      if (atMs > now()) continue;
      late.delete(id);
      profiles.set(id, profile);
    }
    return profiles;
  };
  const visible = (caller: Caller) =>
    [...stored().values()].filter(
      (profile) => caller.isAdmin || own(profile, 'project') === caller.projectId,
    );
  const resolve = (identity: string, caller: Caller) => {
    const profile = lookUp(identity, visible(caller));
    if (profile === undefined) throw notFound(identity);
    return profile;
  };
  return {
    find: (id) => stored().get(id),
    ids: () => [...stored().keys()],
    resolve,
    visible,
    add: (profile, atMs = now()) => {
      if (profiles.size + late.size >= PROFILES_MAX) {
        throw new SenlinFault(500, 'InternalError', 'The sandbox is full.');
      }
      late.set(ownText(profile, 'id') ?? '', { atMs, profile });
      stored();
    },
    update: async (identity, patch, caller) => {
      const read = resolve(identity, caller);
      const written = changed(read, patch);
      if (written === undefined) {
        throw new SenlinFault(400, 'BadRequest', 'No property needs an update.');
      }
      // What was read is stored whole, so of two patches at once the later one undoes the other
      // (transcript: Concurrency; senlin/profiles/base.py store).
      await nextTurn();
      const id = ownText(read, 'id') ?? '';
      const before = profiles.get(id);
      if (before === undefined) throw notFound(id);
      const stored = storedUnkindly(unkind, TEXTS, before, written);
      const after = { ...stored, updated_at: isoTime(now()) };
      profiles.set(id, after);
      journal.note(id, 'request', before, after);
      return after;
    },
    remove: (identity, caller) => {
      const profile = resolve(identity, caller);
      const id = ownText(profile, 'id') ?? '';
      // A member that is never shown stands for clusters and nodes (record of Senlin 14).
      if (own(profile, IN_USE) === true) {
        const text =
          `The profile '${id}' cannot be deleted: ` +
          'still referenced by some clusters and/or nodes.';
        throw new SenlinFault(409, 'ResourceInUse', text);
      }
      profiles.delete(id);
    },
    drop: (id) => {
      profiles.delete(id);
    },
    put: (id, profile) => profiles.set(id, profile),
  };
}

/** `YYYY-MM-DDThh:mm:ssZ`: Senlin knows no parts of a second. */
export function isoTime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}

/** Taken before a test can replace it: a request must not hang on a stopped clock. */
const startTimer = globalThis.setTimeout;

function nextTurn(): Promise<void> {
  return new Promise((resolve) => startTimer(resolve, 0));
}

/** Values are compared as Python does, so 1 for 1.0 or for true changes nothing. */
function changed(profile: JsonObject, patch: ProfileUpdate): JsonObject | undefined {
  const fields: [string, Json][] = [];
  if (patch.name !== undefined && patch.name !== own(profile, 'name')) {
    fields.push(['name', patch.name]);
  }
  if (patch.metadata !== undefined) {
    const same = pythonEqual(patch.metadata, own(profile, 'metadata') ?? null);
    if (!same) fields.push(['metadata', patch.metadata]);
  }
  return fields.length === 0 ? undefined : { ...profile, ...Object.fromEntries(fields) };
}

/**
 * senlin/objects/profile.py find: what looks like a UUID is tried as id, then as name; anything
 * else as name, then as the beginning of an id (transcript: who is hit by a path that is no uuid).
 */
function lookUp(identity: string, profiles: readonly JsonObject[]): JsonObject | undefined {
  const named = () =>
    onlyOne(
      identity,
      profiles.filter((p) => own(p, 'name') === identity),
    );
  if (looksLikeUuid(identity)) return profiles.find((p) => own(p, 'id') === identity) ?? named();
  const begun = () =>
    onlyOne(
      identity,
      profiles.filter((p) => isLike(ownText(p, 'id') ?? '', `${identity}%`)),
    );
  return named() ?? begun();
}

/** transcript: get by a name two profiles have. */
function onlyOne(identity: string, matches: readonly JsonObject[]): JsonObject | undefined {
  if (matches.length <= 1) return matches[0];
  const text =
    `Multiple results found matching the query criteria '${identity}'. ` +
    'Please be more specific.';
  throw new SenlinFault(400, 'MultipleChoices', text);
}

/** oslo.utils is_uuid_like: case, dashes, braces and the URN prefix do not matter. */
function looksLikeUuid(identity: string): boolean {
  const bare = identity.replace('urn:', '').replace('uuid:', '').replaceAll(/[{}-]/g, '');
  return /^[0-9a-f]{32}$/i.test(bare);
}

/** SQL LIKE with `%` and `_`, blind to ASCII case as in SQLite and MySQL; linear in both texts. */
function isLike(text: string, pattern: string): boolean {
  const [given, wanted] = [text.toLowerCase(), pattern.toLowerCase()];
  let [at, step, starStep, starAt] = [0, 0, -1, 0];
  while (at < given.length) {
    if (wanted[step] === '%') {
      [starStep, starAt] = [step, at];
      step += 1;
    } else if (wanted[step] === '_' || wanted[step] === given[at]) {
      at += 1;
      step += 1;
    } else if (starStep >= 0) {
      starAt += 1;
      [at, step] = [starAt, starStep + 1];
    } else {
      return false;
    }
  }
  while (wanted[step] === '%') step += 1;
  return step >= wanted.length;
}
