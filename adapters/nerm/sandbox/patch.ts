import { type AttributeValues, attributeComplaint, type Directory } from './attributes.ts';
import { PROFILE_TYPES } from './seeds.ts';
import type { StoredProfile } from './store.ts';

/** Complaints by field or attribute, in the shape of the `errors` of a validation error. [N1] */
type Errors = { readonly [name: string]: string };

/** Result of a PATCH on a profile. `nameComputed`: the requested name was replaced. */
export type PatchResult =
  | { readonly kind: 'refused'; readonly errors: Errors }
  | { readonly kind: 'accepted'; readonly profile: StoredProfile; readonly nameComputed: boolean };

/** Case and the space matter. [N1] */
const STATUSES = ['Active', 'Inactive', 'On Leave', 'Terminated'];
const ID_PROOFING_STATUSES = ['pending', 'pass', 'fail'];

const BLANK = "can't be blank";
const NOT_IN_LIST = 'is not included in the list';

/**
 * Lays the inner object of a PATCH over a profile: every field is optional and left alone when
 * absent [N1, N11, N12]; `attributes` merge by uid [N11, N12]. All complaints are gathered, and any
 * of them refuses the whole patch. [I]
 */
export function applyPatch(
  current: StoredProfile,
  patch: Record<string, unknown>,
  directory: Directory,
): PatchResult {
  const errors = new Map<string, string>();
  const next = { ...current };
  for (const [field, value] of Object.entries(patch)) {
    const complaint = applyField(next, field, value);
    if (complaint !== undefined) errors.set(field, complaint);
  }
  if (isObject(patch.attributes)) {
    for (const [uid, value] of Object.entries(patch.attributes)) {
      const complaint = attributeComplaint(uid, value, directory);
      if (complaint !== undefined) errors.set(uid, complaint);
    }
    next.attributes = merged(current.attributes, patch.attributes);
  }
  // Some profile types compute the name from attributes and ignore what was sent; those
  // attributes are required. [I]
  const nameParts = PROFILE_TYPES.get(next.profile_type_id)?.nameParts ?? [];
  for (const uid of nameParts) {
    if ((next.attributes[uid] ?? '').trim() === '' && !errors.has(uid)) errors.set(uid, BLANK);
  }
  if (errors.size > 0) return { kind: 'refused', errors: Object.fromEntries(errors) };
  const requestedName = next.name;
  if (nameParts.length > 0) next.name = nameParts.map((uid) => next.attributes[uid]).join(' ');
  return {
    kind: 'accepted',
    profile: next,
    nameComputed: 'name' in patch && next.name !== requestedName,
  };
}

/** A profile of which nothing is given yet; `id` and times are made when it is stored. */
const NEW: StoredProfile = {
  id: '',
  uid: '',
  name: '',
  profile_type_id: '',
  status: '',
  id_proofing_status: 'pending',
  archived: false,
  created_at: '',
  updated_at: '',
  attributes: {},
};

/** Reads the inner object of a create: `profile_type_id` and `status` are required. [N1] */
export function readNewProfile(given: Record<string, unknown>, directory: Directory): PatchResult {
  const result = applyPatch(NEW, given, directory);
  const missing = ['profile_type_id', 'status'].filter((field) => !Object.hasOwn(given, field));
  if (missing.length === 0) return result;
  const errors = result.kind === 'refused' ? result.errors : {};
  const blank = Object.fromEntries(missing.map((field) => [field, BLANK]));
  return { kind: 'refused', errors: { ...errors, ...blank } };
}

/** Writes one top-level field into `next`, or returns the complaint. */
function applyField(next: StoredProfile, field: string, value: unknown): string | undefined {
  switch (field) {
    case 'attributes':
      // No field is nullable. [N1] Whether null would wipe the map is documented nowhere. [I]
      return isObject(value) ? undefined : 'must be an object';
    case 'archived':
      // A boolean; its text is refused. [N1]
      if (typeof value !== 'boolean') return 'must be a boolean';
      next.archived = value;
      return undefined;
    case 'name':
    case 'status':
    case 'id_proofing_status':
    case 'profile_type_id': {
      // Null and blank text do not clear these fields. [I]
      if (value === null) return BLANK;
      if (typeof value !== 'string') return 'must be a string';
      if (value.trim() === '') return BLANK;
      if (field === 'status' && !STATUSES.includes(value)) return NOT_IN_LIST;
      if (field === 'id_proofing_status' && !ID_PROOFING_STATUSES.includes(value)) {
        return NOT_IN_LIST;
      }
      // Changing the type is legal by the schema [N1]; a type that does not exist is refused. [I]
      if (field === 'profile_type_id' && !PROFILE_TYPES.has(value)) return 'must exist';
      next[field] = value;
      return undefined;
    }
    default:
      // `id`, `uid` and the times are read-only. [N1] Refused, as is any other name. [I]
      return 'is not permitted';
  }
}

/** `""` clears: the attribute is then absent. [N12] Only strings are kept. */
function merged(current: AttributeValues, patch: Record<string, unknown>): AttributeValues {
  const values = new Map(Object.entries(current));
  for (const [uid, value] of Object.entries(patch)) {
    if (value === '') values.delete(uid);
    else if (typeof value === 'string') values.set(uid, value);
  }
  return Object.fromEntries(values);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
