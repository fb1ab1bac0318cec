import * as z from 'zod/mini';
import { checkSettings } from '../../../src/adapter-kit/index.ts';
import {
  DEFAULT_DURATION_SECONDS,
  firstProblem,
  isNameTaken,
  memberSchemas,
  readRoles,
} from './patch.ts';
import type { Profile } from './store.ts';

/** The members of a new profile that its creator decides, or the reason why it is refused. */
type NewProfile =
  | {
      readonly profile: Pick<
        Profile,
        'name' | 'description' | 'enabled' | 'durationSeconds' | 'roleNrnList'
      >;
    }
  | { readonly refusal: string };

/** Only the name is required (management-subaccount-createprofiles); `enabled` is accepted here. */
const newProfileSchema = z.strictObject({
  name: memberSchemas.name,
  description: z.optional(memberSchemas.description),
  durationSeconds: z.optional(memberSchemas.durationSeconds),
  enabled: z.optional(z.boolean()),
  roleIdList: z.optional(memberSchemas.roleIdList),
});

/**
 * Reads the body of a create. No page says that names are unique: as for an edit the strict reading
 * is that they are, and the unkind one that they are not.
 */
export function readNewProfile(
  body: unknown,
  all: () => Iterable<Profile>,
  allowsTwins: boolean,
): NewProfile {
  const checked = checkSettings(newProfileSchema, body);
  if (!checked.ok) return { refusal: firstProblem(checked.issues) };
  const { description = '', durationSeconds, enabled = false, name } = checked.value;
  if (!allowsTwins && isNameTaken(name, all()))
    return { refusal: 'name is used by another profile' };
  // Null and an empty list both mean no role.
  const roles = readRoles(checked.value.roleIdList ?? [], { roleNrnList: [] }, all);
  if ('refusal' in roles) return roles;
  return {
    profile: {
      name,
      description,
      enabled,
      durationSeconds: durationSeconds ?? DEFAULT_DURATION_SECONDS,
      roleNrnList: roles.nrns,
    },
  };
}
