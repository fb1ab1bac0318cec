import {
  type Change,
  type Codec,
  enumeration,
  type Field,
  integer,
  isRawNumber,
  type JsonObject,
  mergePatch,
  stepOf,
  stringOnly,
  text,
  wireMembers,
} from '../../../../src/adapter-kit/index.ts';

/** The write that opens and locks a row. */
export const STATE_STEP = 'state';

/** Every row that is created needs one, and keeps it. */
const SERIES = '/extensions/acme/series';

const readOnly = { access: 'read_only', onNull: 'reject', confirmation: 'never' } as const;
const writable = { access: 'read_write', onNull: 'reject', confirmation: 'exact' } as const;

/** Unix milliseconds as a number: no other vendor here tells time that way. */
const milliseconds: Codec = {
  type: 'string',
  encode: () => ({ ok: false, reason: 'is set by the target' }),
  decode: (wire) => {
    const time = new Date(isRawNumber(wire) || typeof wire !== 'number' ? Number.NaN : wire);
    return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
  },
};

export const fields: readonly Field[] = [
  {
    pointer: '/name',
    wireName: 'label',
    codec: text,
    ...writable,
    requiredOnCreate: true,
    limits: [{ kind: 'length', unit: 'code points', minimum: 1, maximum: 60 }],
  },
  {
    pointer: '/status',
    wireName: 'state',
    codec: enumeration({ active: 10, inactive: 20, terminated: 90 }),
    ...writable,
    step: STATE_STEP,
  },
  {
    pointer: '/attributes',
    wireName: 'tags',
    codec: stringOnly,
    ...writable,
    onNull: 'remove',
    map: 'whole',
    nullClearsMap: true,
  },
  {
    pointer: '/extensions/acme/grade',
    wireName: 'grade',
    codec: integer,
    ...writable,
    onNull: { send: null },
    limits: [{ kind: 'range', minimum: 1, maximum: 9 }],
  },
  {
    pointer: SERIES,
    wireName: 'series',
    codec: enumeration({ archive: 'ABC', external: 'XYZ' }),
    ...readOnly,
    confirmation: 'exact',
    createOnly: true,
    requiredOnCreate: true,
  },
  { pointer: '/extensions/acme/revision', wireName: 'revision', codec: integer, ...readOnly },
  { pointer: '/createdAt', wireName: 'created_ms', codec: milliseconds, ...readOnly },
  { pointer: '/updatedAt', wireName: 'changed_ms', codec: milliseconds, ...readOnly },
];

/** The whole row with `edits` in it: what a write leaves out is lost. */
export function rowAfter(row: JsonObject, edits: readonly Change[]): JsonObject {
  const whole = wireMembers(edits.filter(({ key }) => key === undefined));
  const tags = edits.filter(({ key }) => key !== undefined).map(({ key, wire }) => [key, wire]);
  const merged = { ...row, ...whole };
  return tags.length === 0
    ? merged
    : { ...merged, tags: mergePatch(merged.tags, Object.fromEntries(tags)) };
}

/** The changes that a row carries, and the one of its state. */
export function splitChanges(changes: readonly Change[]): {
  readonly edits: readonly Change[];
  readonly state: Change | undefined;
} {
  return {
    edits: changes.filter((change) => stepOf(change) !== STATE_STEP),
    state: changes.find((change) => stepOf(change) === STATE_STEP),
  };
}
