import {
  type Change,
  type Codec,
  type Encoded,
  enumeration,
  type Field,
  integer,
  isList,
  type Json,
  type JsonDraft,
  type JsonObject,
  type StoredProfile,
  stepOf,
  text,
  textList,
  timestamp,
  valueAt,
  wireMembers,
} from '../../src/adapter-kit/index.ts';

/** The write that enables or disables: `enabled` is no member of an edit. */
export const STATUS_STEP = 'status';

const DURATION = '/extensions/naver/durationSeconds';

const readOnly = { access: 'read_only', onNull: 'reject', confirmation: 'never' } as const;

/**
 * Role ids as requests name them. One named twice is refused, since answers show the mapped roles
 * in another form, where only their number can be compared.
 */
const roleIds: Codec = {
  ...textList,
  encode: (value): Encoded =>
    isList(value) && new Set(value).size < value.length
      ? { ok: false, reason: 'must not name a role twice' }
      : textList.encode(value),
};

/**
 * Limits of the edit page (management-subaccount-patchprofiles; ko, en, ja, gov, 2026-09 and -10).
 * Its versions agree on a name's length and on a letter in front, not on which letters, digits
 * and signs there are: the vendor decides about those. The length of a description is in bytes.
 */
export const fields: readonly Field[] = [
  {
    pointer: '/name',
    wireName: 'name',
    access: 'read_write',
    codec: text,
    onNull: 'reject',
    confirmation: 'exact',
    requiredOnCreate: true,
    limits: [
      { kind: 'length', unit: 'code points', minimum: 3, maximum: 30 },
      { kind: 'pattern', pattern: /^\p{L}/u, message: 'must start with a letter' },
    ],
  },
  {
    pointer: '/description',
    wireName: 'description',
    access: 'read_write',
    codec: text,
    onNull: { send: '' },
    confirmation: 'exact',
    limits: [{ kind: 'length', unit: 'bytes', maximum: 300 }],
  },
  {
    pointer: '/status',
    wireName: 'enabled',
    access: 'read_write',
    codec: enumeration({ active: true, inactive: false }),
    onNull: 'reject',
    confirmation: 'exact',
    step: STATUS_STEP,
  },
  {
    pointer: DURATION,
    wireName: 'durationSeconds',
    access: 'read_write',
    codec: integer,
    onNull: 'reject',
    confirmation: 'exact',
    limits: [{ kind: 'range', minimum: 600, maximum: 43_200 }],
  },
  {
    pointer: '/extensions/naver/roleIdList',
    wireName: 'roleIdList',
    access: 'write_only',
    codec: roleIds,
    onNull: { send: [] },
    confirmation: 'count',
    readBackPointer: '/extensions/naver/roleNrnList',
    sensitive: true,
  },
  {
    pointer: '/extensions/naver/roleNrnList',
    wireName: 'roleNrnList',
    codec: textList,
    ...readOnly,
  },
  { pointer: '/extensions/naver/profileNrn', wireName: 'profileNrn', codec: text, ...readOnly },
  { pointer: '/createdAt', wireName: 'createTime', codec: timestamp, ...readOnly },
  { pointer: '/updatedAt', wireName: 'updateTime', codec: timestamp, ...readOnly },
];

/** The changes that PATCH carries, and the one that enables or disables. */
export function splitChanges(changes: readonly Change[]): {
  readonly edits: readonly Change[];
  readonly switched: Change | undefined;
} {
  return {
    edits: changes.filter((change) => stepOf(change) !== STATUS_STEP),
    switched: changes.find((change) => stepOf(change) === STATUS_STEP),
  };
}

/**
 * Reports whether the caller's edit has no duration, so that PATCH needs the current one.
 */
export function needsDuration(edits: readonly Change[]): boolean {
  return edits.length > 0 && !edits.some((change) => change.pointer === DURATION);
}

/** The duration that a read returned, in seconds. */
export function durationOf(before: StoredProfile | undefined): Json | undefined {
  return before === undefined ? undefined : valueAt(before.content, DURATION);
}

/**
 * The body of an edit. Null is the documented way to keep the roles as they are. The duration is
 * always sent, because the page documents its default, 3600, for the edit as well.
 */
export function editBody(edits: readonly Change[], before: StoredProfile | undefined): JsonObject {
  const durationSeconds = durationOf(before);
  const kept: JsonDraft = durationSeconds === undefined ? {} : { durationSeconds };
  kept.roleIdList = null;
  return wireMembers(edits, kept);
}
