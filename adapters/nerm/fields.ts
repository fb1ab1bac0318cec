import {
  boolean,
  enumeration,
  type Field,
  type Json,
  stringOnly,
  text,
  timestamp,
} from '../../src/adapter-kit/index.ts';

const readOnly = { access: 'read_only', onNull: 'reject', confirmation: 'never' } as const;
const writable = { access: 'read_write', onNull: 'reject', confirmation: 'exact' } as const;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const ONE_UUID = new RegExp(`^${UUID.replaceAll('a-f', 'A-Fa-f')}$`);
const LOWER_CASE_UUID = new RegExp(`^${UUID}$`);
const UUID_LIST = new RegExp(`^\\s*${UUID}(?:\\s*,\\s*${UUID})*\\s*$`, 'i');

export const PROFILE_TYPE = '/extensions/nerm/profile_type_id';

/**
 * Names, enums and types as published for `PATCH /profiles/{id}` (sailpoint-oss/api-specs
 * 81ef79d0, 2026-08-22). No length limit is published, and no field is nullable.
 */
export const fields: readonly Field[] = [
  // Many profile types compute the name from attributes and ignore what was written.
  { pointer: '/name', wireName: 'name', codec: text, ...writable, confirmation: 'normalized' },
  {
    pointer: '/status',
    wireName: 'status',
    codec: enumeration({
      active: 'Active',
      inactive: 'Inactive',
      on_leave: 'On Leave',
      terminated: 'Terminated',
    }),
    ...writable,
    requiredOnCreate: true,
  },
  {
    pointer: '/attributes',
    wireName: 'attributes',
    codec: stringOnly,
    ...writable,
    // Null is outside the published schema; SailPoint's own connectors send "" to clear.
    onNull: { send: '' },
    confirmationByValue: compareAttribute,
    map: 'per-key',
    optionalInResponse: true,
  },
  {
    pointer: PROFILE_TYPE,
    wireName: 'profile_type_id',
    codec: text,
    ...writable,
    requiredOnCreate: true,
    confirmationByValue: (value) => (isLowerCaseUuid(value) ? 'exact' : 'present'),
    limits: [{ kind: 'pattern', pattern: ONE_UUID, message: 'must be a UUID' }],
  },
  {
    pointer: '/extensions/nerm/id_proofing_status',
    wireName: 'id_proofing_status',
    codec: enumeration({ pending: 'pending', pass: 'pass', fail: 'fail' }),
    ...writable,
  },
  {
    pointer: '/extensions/nerm/archived',
    wireName: 'archived',
    access: 'write_only',
    codec: boolean,
    onNull: 'reject',
    confirmation: 'never',
  },
  { pointer: '/extensions/nerm/uid', wireName: 'uid', codec: text, ...readOnly },
  { pointer: '/createdAt', wireName: 'created_at', codec: timestamp, ...readOnly },
  { pointer: '/updatedAt', wireName: 'updated_at', codec: timestamp, ...readOnly },
];

/**
 * References to profiles and users are written as UUIDs, several with commas between, and read
 * back as names. A UUID in a text attribute looks the same, so the value decides, not the field.
 */
function compareAttribute(value: Json): 'exact' | 'present' {
  return typeof value === 'string' && UUID_LIST.test(value) ? 'present' : 'exact';
}

/** Reports whether `value` is a UUID in the one spelling that the vendor answers with. */
export function isLowerCaseUuid(value: Json): boolean {
  return typeof value === 'string' && LOWER_CASE_UUID.test(value);
}
