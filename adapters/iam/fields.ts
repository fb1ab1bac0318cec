import {
  anyJson,
  boolean,
  decodeContent,
  enumeration,
  type Field,
  type JsonObject,
  type Limit,
  ownObject,
  type StoredProfile,
  text,
} from '../../src/adapter-kit/index.ts';

/** The write of `status` on otc, beside the one of everything else. */
export const STATUS_STEP = 'status';

export const DOMAIN_ID = '/extensions/iam/domain_id';

const readOnly = { access: 'read_only', onNull: 'reject', confirmation: 'never' } as const;
const required = { access: 'read_write', onNull: 'reject', confirmation: 'exact' } as const;
/** Only a new project can be put somewhere. */
const fixed = { ...readOnly, confirmation: 'exact', createOnly: true } as const;
const clearable = {
  access: 'read_write',
  onNull: { send: '' },
  confirmation: 'exact',
} as const;

/** Half a surrogate pair makes Keystone fail with a 500. */
const wellFormed: Limit = {
  kind: 'pattern',
  pattern: /^\P{Surrogate}*$/u,
  message: 'may not contain half of a surrogate pair',
};

/**
 * At most 64 characters (IAM API reference of 2026-01, Modifying Project Data; Keystone,
 * resource/schema.py). Keystone cuts blanks off both ends, so such a name would not read back.
 * Only one guide lists the characters of a name, so the vendor decides.
 */
const name: Field = {
  pointer: '/name',
  wireName: 'name',
  codec: text,
  requiredOnCreate: true,
  limits: [
    { kind: 'length', unit: 'code points', minimum: 1, maximum: 64 },
    {
      kind: 'pattern',
      pattern: /^(?![\s\p{Cc}])(?:[\s\S]*[^\s\p{Cc}])?$/u,
      message: 'may not begin or end with a blank or a control character',
    },
    wellFormed,
  ],
  ...required,
};

const description = { pointer: '/description', wireName: 'description', codec: text };

/** At most 255 characters (IAM API reference of 2026-01, Modifying Project Data). */
const otcDescription: Field = {
  ...description,
  limits: [{ kind: 'length', unit: 'code points', maximum: 255 }, wellFormed],
  ...clearable,
};

const enabledStatus = {
  pointer: '/status',
  wireName: 'enabled',
  codec: enumeration({ active: true, inactive: false }),
};

const extensions: readonly Field[] = [
  { pointer: '/extensions/iam/is_domain', wireName: 'is_domain', codec: boolean, ...readOnly },
  { pointer: '/extensions/iam/enabled', wireName: 'enabled', codec: boolean, ...readOnly },
  { pointer: '/extensions/iam/parent_id', wireName: 'parent_id', codec: text, ...fixed },
  { pointer: DOMAIN_ID, wireName: 'domain_id', codec: text, ...fixed },
  { pointer: '/extensions/iam/links', wireName: 'links', codec: anyJson, ...readOnly },
];

const extra: Field = {
  pointer: '/extensions/iam/extra',
  wireName: 'extra',
  codec: anyJson,
  ...readOnly,
};

/** Dialect otc: what `PATCH /v3/projects/{id}` accepts; the status is read-only, from `enabled`. */
export const otcFields: readonly Field[] = [
  name,
  otcDescription,
  { ...enabledStatus, ...readOnly },
  ...extensions,
  extra,
];

/** Dialect otc with the status, which `/v3-ext/projects/{id}` reads and writes. */
export const otcStatusFields: readonly Field[] = [
  name,
  otcDescription,
  {
    pointer: '/status',
    wireName: 'status',
    codec: enumeration({ active: 'normal', inactive: 'suspended' }),
    step: STATUS_STEP,
    sensitive: true,
    patchOnly: true,
    ...required,
  },
  ...extensions,
  extra,
];

/**
 * Dialect keystone. Only the answer to a PATCH has `extra`; a read returns those keys beside the
 * columns, where any name is possible.
 */
export const keystoneFields: readonly Field[] = [
  name,
  { ...description, limits: [wellFormed], ...clearable },
  { ...enabledStatus, sensitive: true, ...required },
  ...extensions,
];

/** The project inside `{"project": {…}}`, or undefined when the body has none. */
export function projectOf(body: JsonObject | undefined): JsonObject | undefined {
  return ownObject(body, 'project');
}

/**
 * Returns the content that a read would show after the PATCH that answered `project`. The answer
 * has other `links` and `extra` than a read, and a PATCH changes neither, so both are kept as they
 * were read.
 */
export function contentAfterPatch(
  fields: readonly Field[],
  project: JsonObject,
  before: StoredProfile,
): JsonObject {
  const known = ownObject(ownObject(before.content, 'extensions'), 'iam') ?? {};
  const isKept = ([key]: [string, unknown]): boolean => key === 'links' || key === 'extra';
  return decodeContent(
    fields,
    Object.fromEntries([
      ...Object.entries(project).filter((member) => !isKept(member)),
      ...Object.entries(known).filter(isKept),
    ]),
  );
}
