import fc from 'fast-check';
import { SANDBOX_KEY_PAIR } from '../../adapters/naver/sandbox-gateway.ts';
import { roleNrn } from '../../adapters/naver/sandbox-roles.ts';
import { SANDBOX_API_KEY } from '../../adapters/nerm/sandbox-access.ts';
import { SEEDED_IDS, SEEDED_TYPE_IDS, SEEDED_USER_IDS } from '../../adapters/nerm/sandbox-seeds.ts';
import type { Json, JsonObject } from '../../src/contract/index.ts';

/** One vendor under one configuration, as the fault suite knows it apart from the adapters. */
export type Subject = {
  readonly name: string;
  readonly vendor: string;
  /** The sandbox that answers for it. */
  readonly folder: string;
  readonly id: string;
  /** What a profile is before its patch; the second, where there is one, behaves otherwise. */
  readonly seeds: readonly [JsonObject, ...JsonObject[]];
  readonly settings: (origin: string) => JsonObject;
  readonly usesTokens: boolean;
  readonly patches: fc.Arbitrary<JsonObject>;
  /** Patches that take two writes, if any do. */
  readonly twoStepPatches?: fc.Arbitrary<JsonObject>;
  /** Where a member of a patch is stored, and in which form; a list means "these in any order". */
  readonly stored: Readonly<Record<string, StoredAs>>;
  /** Other profiles of the account that stand in the way of a patch, as they are to be. */
  readonly neighbours?: Readonly<Record<string, JsonObject>>;
  /** Stored members that the vendor sets itself. */
  readonly ownMembers: readonly string[];
  /** What another client may write: to a member of the patch, and to one that no patch names. */
  readonly outsideValues: Readonly<Record<string, Json>>;
  /** What such a writer changes in any case, where the vendor tells no time of the last change. */
  readonly outsideMark?: JsonObject;
  readonly outsideElsewhere: (stored: JsonObject) => JsonObject;
  /** Answer to a token or signature that is no longer good. */
  readonly expired: { readonly status: number; readonly body: string };
};

export type StoredAs = {
  readonly member: string;
  readonly form?: (value: Json) => Json;
  /** A value that clears, beside null. */
  readonly clears?: Json;
  /** Whether an answer can show that this value was stored; true unless told. */
  readonly isShown?: (value: Json) => boolean;
};

const word = (alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...alphabet), minLength, maxLength });
const letters = 'abcdefghkmnpqrstuvwxyz';

/** A patch with one to all of `members`, fewer more often. */
function patchOf(members: Readonly<Record<string, fc.Arbitrary<Json>>>): fc.Arbitrary<JsonObject> {
  const names = Object.keys(members);
  return fc
    .subarray(names, { minLength: 1, maxLength: names.length })
    .chain((chosen) =>
      fc.record(
        Object.fromEntries(chosen.map((name) => [name, members[name] ?? fc.constant(null)])),
      ),
    );
}

const map = (keys: readonly string[], values: fc.Arbitrary<Json>): fc.Arbitrary<JsonObject> =>
  fc.dictionary(fc.constantFrom(...keys), values, {
    minKeys: 1,
    maxKeys: 3,
    noNullPrototype: true,
  });

const keystoneExpired = {
  status: 401,
  body: '{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}',
};

const senlin: Subject = {
  name: 'senlin',
  vendor: 'senlin',
  folder: 'senlin',
  id: '5f3a1c9e-2b4d-4e6f-8a1b-3c5d7e9f0a1b',
  seeds: [
    {
      name: 'before',
      metadata: { kept: { deep: [1, 2.5] }, owner: 'red', cost: 10, tags: ['a'] },
      updated_at: '2020-01-02T03:04:05Z',
    },
    { name: 'before', metadata: {}, updated_at: null },
  ],
  settings: (origin) => ({
    vendor: 'senlin',
    baseUrl: `${origin}/senlin`,
    auth: {
      method: 'password',
      url: `${origin}/keystone/v3`,
      username: 'gateway',
      password: 'sandbox-password',
      userDomain: 'Default',
      project: 'demo',
      projectDomain: 'Default',
    },
  }),
  usesTokens: true,
  patches: patchOf({
    name: fc.oneof(
      { weight: 7, arbitrary: word(letters, 3, 12) },
      { weight: 1, arbitrary: fc.constant('before') },
    ),
    attributes: fc.oneof(
      {
        weight: 5,
        arbitrary: map(
          ['owner', 'cost', 'tags', 'new'],
          fc.oneof(
            word(letters, 0, 8),
            fc.integer(),
            fc.boolean(),
            fc.constant(null),
            fc.constant({ deep: { er: 1 } }),
            fc.constant([1, { two: null }]),
          ),
        ),
      },
      { weight: 1, arbitrary: fc.constant(null) },
    ),
  }),
  stored: { name: { member: 'name' }, attributes: { member: 'metadata' } },
  ownMembers: ['updated_at'],
  outsideValues: {
    name: 'outsider',
    attributes: { owner: 'outsider', cost: 'o', tags: 'o', new: 'o' },
  },
  outsideElsewhere: (stored) => ({
    metadata: { ...(stored.metadata as JsonObject), elsewhere: 'outsider' },
  }),
  expired: keystoneExpired,
};

const NERM_UPDATED = '2020-02-03T10:20:30.456-05:00';
const NERM_WORDS = {
  status: {
    active: 'Active',
    inactive: 'Inactive',
    on_leave: 'On Leave',
    terminated: 'Terminated',
  },
} as const;
const isNoReference = (value: Json): boolean =>
  typeof value !== 'string' || !/^[0-9a-f]{8}-/.test(value);

const nerm: Subject = {
  name: 'nerm',
  vendor: 'nerm',
  folder: 'nerm',
  id: '4d9e2f10-7a3b-4c5d-9e8f-0a1b2c3d4e5f',
  seeds: [
    {
      name: 'Before',
      updated_at: NERM_UPDATED,
      attributes: { cost_centre: '4700', nickname: 'Dee', sponsor: SEEDED_USER_IDS.sam },
    },
    {
      name: 'Noor Example',
      updated_at: NERM_UPDATED,
      profile_type_id: SEEDED_TYPE_IDS.computedName,
      attributes: { first_name: 'Noor', last_name: 'Example', cost_centre: '4700' },
    },
  ],
  settings: (origin) => ({
    vendor: 'nerm',
    baseUrl: `${origin}/nerm/api`,
    auth: { method: 'token', token: SANDBOX_API_KEY, scheme: 'Bearer' },
  }),
  usesTokens: false,
  patches: patchOf({
    name: fc.oneof(
      word(`${letters} `, 3, 12).map((text) => `N${text}x`),
      fc.constant('Before'),
    ),
    status: fc.constantFrom('active', 'inactive', 'on_leave', 'terminated'),
    attributes: fc.oneof(
      {
        weight: 4,
        arbitrary: map(
          ['cost_centre', 'nickname', 'remarks'],
          fc.oneof(word(letters, 0, 9), fc.constant(null)),
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          { sponsor: SEEDED_USER_IDS.robin },
          { employer: SEEDED_IDS.organisation, remarks: 'moved' },
        ),
      },
    ),
    extensions: fc
      .constantFrom('pending', 'pass', 'fail')
      .map((id_proofing_status) => ({ nerm: { id_proofing_status } })),
  }),
  stored: {
    name: { member: 'name', isShown: () => true },
    status: { member: 'status', form: (value) => NERM_WORDS.status[value as 'active'] },
    attributes: { member: 'attributes', clears: '', isShown: isNoReference },
    'extensions/nerm/id_proofing_status': { member: 'id_proofing_status' },
  },
  ownMembers: ['updated_at'],
  outsideValues: {
    name: 'Outsider',
    status: 'Terminated',
    attributes: { cost_centre: 'outside', nickname: 'outside', remarks: 'outside' },
    'extensions/nerm/id_proofing_status': 'fail',
  },
  outsideElsewhere: (stored) => ({
    attributes: { ...(stored.attributes as JsonObject), labels: 'outside' },
  }),
  expired: { status: 401, body: 'HTTP Token: Access denied.\n' },
};

const iamPatches = {
  name: fc.oneof(
    word(letters, 1, 12).map((text) => `eu-de_${text}`),
    fc.constant('eu-de_before'),
  ),
  description: fc.oneof(word(`${letters} ä`, 0, 20), fc.constant(null)),
  status: fc.constantFrom('active', 'inactive'),
};
const iamCommon = {
  // A status that was put back cannot be told from one that was never changed.
  outsideMark: { description: 'outsider' },
  vendor: 'iam',
  usesTokens: true,
  patches: patchOf(iamPatches),
  expired: keystoneExpired,
} as const;

const iamOtc: Subject = {
  ...iamCommon,
  name: 'iam (otc)',
  folder: 'iam',
  id: '23da5961c8214f5caf701c27d9703960',
  seeds: [
    { name: 'eu-de_before', description: 'as it was' },
    { name: 'eu-de_before', description: '', status: 'suspended' },
  ],
  settings: (origin) => ({
    vendor: 'iam',
    dialect: 'otc',
    manageStatus: true,
    baseUrl: `${origin}/iam`,
    auth: {
      method: 'password',
      username: 'gateway',
      password: 'sandbox-password',
      userDomain: 'OTC-SANDBOX',
      domain: 'OTC-SANDBOX',
    },
  }),
  twoStepPatches: fc.record({ name: iamPatches.name, status: iamPatches.status }),
  stored: {
    name: { member: 'name' },
    description: { member: 'description' },
    status: { member: 'status', form: (value) => (value === 'active' ? 'normal' : 'suspended') },
  },
  ownMembers: ['suspended_time'],
  outsideElsewhere: () => ({ parent_id: 'outsider' }),
  outsideValues: { name: 'eu-de_outsider', description: 'outsider', status: 'normal' },
};

const iamKeystone: Subject = {
  ...iamCommon,
  name: 'iam (keystone)',
  folder: 'keystone',
  id: '23da5961c8214f5caf701c27d9703961',
  seeds: [{ name: 'eu-de_before', description: 'as it was', colour: 'red' }],
  settings: (origin) => ({
    vendor: 'iam',
    dialect: 'keystone',
    baseUrl: `${origin}/keystone`,
    auth: {
      method: 'password',
      username: 'admin',
      password: 'sandbox-admin-password',
      userDomain: 'Default',
      domain: 'Default',
    },
  }),
  stored: {
    name: { member: 'name' },
    description: { member: 'description' },
    status: { member: 'enabled', form: (value) => value === 'active' },
  },
  ownMembers: [],
  outsideElsewhere: () => ({ colour: 'outsider' }),
  outsideValues: { name: 'outsider', description: 'outsider', status: true },
};

const ROLE_IDS = ['5d0d4d80-0000-4000-8000-246e96591a39', '5d0d4d80-0000-4000-8000-246e96591a3b'];
const naverPatches = {
  name: fc.oneof(
    { weight: 7, arbitrary: word(letters, 3, 12) },
    { weight: 1, arbitrary: fc.constant('before') },
  ),
  description: fc.oneof(word(`${letters} ä`, 0, 20), fc.constant(null)),
  status: fc.constantFrom('active', 'inactive'),
  extensions: fc
    .tuple(
      fc.option(fc.integer({ min: 600, max: 43_200 }), { nil: undefined }),
      fc.option(fc.subarray(ROLE_IDS), { nil: undefined, freq: 3 }),
    )
    .map(([durationSeconds, roleIdList]) => ({
      naver: {
        ...(roleIdList === undefined
          ? { durationSeconds: durationSeconds ?? 7200 }
          : { roleIdList }),
        ...(durationSeconds === undefined ? {} : { durationSeconds }),
      },
    })),
};

const naver: Subject = {
  name: 'naver',
  vendor: 'naver',
  folder: 'naver',
  id: '76da1a8c-0000-4000-8000-0000000000f1',
  seeds: [
    { name: 'before', description: 'as it was', roleNrnList: [roleNrn(ROLE_IDS[0] ?? '')] },
    { name: 'before', description: '', enabled: false, roleNrnList: [] },
  ],
  settings: (origin) => ({
    vendor: 'naver',
    baseUrl: `${origin}/naver`,
    auth: { ...SANDBOX_KEY_PAIR },
  }),
  usesTokens: false,
  patches: patchOf(naverPatches),
  twoStepPatches: fc.record(
    { name: naverPatches.name, status: naverPatches.status, extensions: naverPatches.extensions },
    { requiredKeys: ['name', 'status'] },
  ),
  stored: {
    name: { member: 'name' },
    description: { member: 'description' },
    status: { member: 'enabled', form: (value) => value === 'active' },
    'extensions/naver/durationSeconds': { member: 'durationSeconds' },
    'extensions/naver/roleIdList': {
      member: 'roleNrnList',
      form: (value) => (value as readonly string[]).map(roleNrn),
      isShown: (value) => value === null || (Array.isArray(value) && value.length === 0),
    },
  },
  // It maps roles that the patches name.
  neighbours: { '76da1a8c-0000-4000-8000-cf13dfc49aa7': { name: 'neighbour', roleNrnList: [] } },
  ownMembers: ['updateTime'],
  outsideValues: {
    name: 'outsider',
    description: 'outsider',
    status: true,
    'extensions/naver/durationSeconds': 1234,
    'extensions/naver/roleIdList': [],
  },
  outsideElsewhere: () => ({ createTime: '2025-01-01T00:00:00.000+09:00' }),
  expired: {
    status: 401,
    body: '{"error":{"errorCode":"200","message":"Authentication Failed","details":"Expired timestamp."}}',
  },
};

export const SUBJECTS: readonly Subject[] = [senlin, nerm, iamOtc, iamKeystone, naver];
