import {
  anyJson,
  type Change,
  type Field,
  isObject,
  type Json,
  type JsonDraft,
  type JsonObject,
  mergePatch,
  type StoredProfile,
  setOwn,
  text,
  timestamp,
} from '../../src/adapter-kit/index.ts';

const readOnly = { access: 'read_only', onNull: 'reject', confirmation: 'never' } as const;

/** The content of a profile, which only its create can set. */
export const SPEC = '/extensions/senlin/spec';

/**
 * Names: 1 to 255 characters of letters, digits, `.`, `_`, `~`, `-` and CJK. All sources agree on
 * those; the api-ref requires a leading letter, the code does not, so the vendor decides
 * (senlin/objects/fields.py, api-ref profiles.inc; senlin 16.0.0).
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
      { kind: 'length', unit: 'code points', minimum: 1, maximum: 255 },
      {
        kind: 'pattern',
        pattern: /^[a-zA-Z\u4e00-\u9fa5\p{Nd}._~-]*$/u,
        message: 'may hold letters A-Z and a-z, digits, CJK, ".", "_", "~" and "-" only',
      },
    ],
  },
  {
    pointer: '/attributes',
    wireName: 'metadata',
    access: 'read_write',
    codec: anyJson,
    onNull: 'remove',
    nullClearsMap: true,
    confirmation: 'exact',
    map: 'whole',
  },
  { pointer: '/createdAt', wireName: 'created_at', codec: timestamp, ...readOnly },
  { pointer: '/updatedAt', wireName: 'updated_at', codec: timestamp, ...readOnly },
  { pointer: '/extensions/senlin/type', wireName: 'type', codec: text, ...readOnly },
  {
    pointer: SPEC,
    wireName: 'spec',
    codec: anyJson,
    ...readOnly,
    confirmation: 'exact',
    createOnly: true,
    requiredOnCreate: true,
  },
  { pointer: '/extensions/senlin/project', wireName: 'project', codec: text, ...readOnly },
  { pointer: '/extensions/senlin/user', wireName: 'user', codec: text, ...readOnly },
  { pointer: '/extensions/senlin/domain', wireName: 'domain', codec: text, ...readOnly },
];

/** The profile inside `{"profile": {…}}`, or undefined when the body has none. */
export function profileOf(body: JsonObject | undefined): JsonObject | undefined {
  const profile: Json | undefined = body?.profile;
  return isObject(profile) ? profile : undefined;
}

/** Builds the body of a write, whose metadata is replaced whole: the patch is merged into it. */
export function profileBody(
  changes: readonly Change[],
  before: StoredProfile | undefined,
): JsonObject {
  const body: JsonDraft = {};
  let patch: JsonDraft | undefined;
  for (const { field, key, wire } of changes) {
    if (key === undefined) setOwn(body, field.wireName, wire);
    else {
      patch ??= {};
      setOwn(patch, key, wire);
    }
  }
  if (patch !== undefined) body.metadata = mergePatch(before?.content.attributes, patch);
  return body;
}
