import * as z from 'zod/mini';
import { checkSettings, type SettingsIssue } from '../../../src/adapter-kit/index.ts';
import { ROLES, type Role } from './roles.ts';
import type { Profile } from './store.ts';

/** Effect of a PATCH on a profile, or the reason why it is refused. */
export type PatchReading = { readonly change: Partial<Profile> } | { readonly refusal: string };

/** The page repeats "default 3,600" for the edit: the strict reading resets what is left out. */
export const DEFAULT_DURATION_SECONDS = 3600;

const DURATION_SECONDS = { min: 600, max: 43_200 };

const DESCRIPTION_BYTES_MAX = 300;

/**
 * Length 3 to 30. The pages disagree about the rest: older ones allow Korean and Japanese, newer
 * ones only English letters and `. _ -`, the newest English one digits too. All samples are
 * `profile000`, so digits stay; all else follows the strictest page, and a letter comes first.
 */
const NAME = /^[A-Za-z][A-Za-z0-9._-]{2,29}$/;

const utf8 = new TextEncoder();

/** Members of an edit and of a new profile (…-patchprofiles, …-createprofiles). */
export const memberSchemas = {
  name: z.string().check(z.regex(NAME, 'is 3 to 30 of A-Z a-z 0-9 . _ - and starts with a letter')),
  description: z.string().check(
    z.refine((text) => text.isWellFormed(), 'is not well-formed Unicode'),
    z.refine(fitsDescription, `is longer than ${DESCRIPTION_BYTES_MAX} bytes`),
  ),
  durationSeconds: z.int().check(z.minimum(DURATION_SECONDS.min), z.maximum(DURATION_SECONDS.max)),
  roleIdList: z.nullable(z.array(z.string())),
};

/**
 * The fields of the edit, all optional (management-subaccount-patchprofiles; ko, en, ja and gov).
 * `enabled` is not among them, and null is documented for `roleIdList` alone.
 */
const patchSchema = z
  .partial(z.strictObject(memberSchemas))
  .check(z.refine((patch) => Object.keys(patch).length > 0, 'nothing to change'));

/**
 * Reads the body of a PATCH against the profile it is for and the account's other profiles.
 * The names a profile already has are not checked again; what a body brings is.
 */
export function readPatch(
  body: unknown,
  profile: Profile,
  all: () => Iterable<Profile>,
): PatchReading {
  const checked = checkSettings(patchSchema, body);
  if (!checked.ok) return { refusal: firstProblem(checked.issues) };
  const { name, description, durationSeconds, roleIdList } = checked.value;
  if (name !== undefined && name !== profile.name && isNameTaken(name, all())) {
    return { refusal: 'name is used by another profile' };
  }
  const roles = readRoles(roleIdList, profile, all);
  if ('refusal' in roles) return roles;
  return {
    change: {
      name: name ?? profile.name,
      description: description ?? profile.description,
      durationSeconds: durationSeconds ?? DEFAULT_DURATION_SECONDS,
      roleNrnList: roles.nrns,
    },
  };
}

/**
 * Null keeps the roles, a list replaces them, and an empty one detaches all (the edit page). The
 * effect of an omitted list is undocumented; the strict reading is that it detaches, like the
 * default of the creation. NRNs are answered in the account's order, since no page promises the
 * order of the request.
 */
export function readRoles(
  roleIds: readonly string[] | null | undefined,
  profile: Pick<Profile, 'roleNrnList'>,
  all: () => Iterable<Profile>,
): { readonly nrns: string[] } | { readonly refusal: string } {
  if (roleIds === null) return { nrns: profile.roleNrnList };
  const wanted = new Set(roleIds ?? []);
  if (wanted.size !== (roleIds?.length ?? 0)) return { refusal: 'roleIdList names a role twice' };
  const roles = ROLES.filter((role) => wanted.has(role.id));
  if (roles.length !== wanted.size) return { refusal: 'roleIdList names an unknown role' };
  for (const role of roles) {
    const refusal = roleRefusal(role, profile, all);
    if (refusal) return { refusal };
  }
  return { nrns: roles.map((role) => role.nrn) };
}

/** Which roles can be mapped: management-subaccount-patchprofiles, `roleIdList`. */
function roleRefusal(
  role: Role,
  profile: Pick<Profile, 'roleNrnList'>,
  all: () => Iterable<Profile>,
) {
  if (role.type !== 'Service') return 'roleIdList names a role that is not of the Service type';
  if (!role.externalAccess) return 'roleIdList names a role without External Access';
  if (profile.roleNrnList.includes(role.nrn)) return undefined;
  for (const other of all()) {
    if (other.roleNrnList.includes(role.nrn)) return 'roleIdList names a role of another profile';
  }
  return undefined;
}

/** No page states that names are unique; the strict reading is that they are. */
export function isNameTaken(name: string, all: Iterable<Profile>): boolean {
  for (const other of all) if (other.name === name) return true;
  return false;
}

/** 0 to 300 bytes; the page names the unit and no encoding, which for JSON is UTF-8. */
function fitsDescription(text: string): boolean {
  return utf8.encode(text).length <= DESCRIPTION_BYTES_MAX;
}

/** Returns the first problem of a body, as the service words it. */
export function firstProblem(issues: readonly SettingsIssue[]): string {
  const [issue] = issues;
  return issue ? `${issue.path || 'body'}: ${issue.message}` : 'body is not valid';
}
