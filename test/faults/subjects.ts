import fc from 'fast-check';
import { SANDBOX_KEY_PAIR } from '../../adapters/naver/sandbox/gateway.ts';
import { roleNrn } from '../../adapters/naver/sandbox/roles.ts';
import { SANDBOX_API_KEY } from '../../adapters/nerm/sandbox/access.ts';
import { SEEDED_IDS, SEEDED_TYPE_IDS, SEEDED_USER_IDS } from '../../adapters/nerm/sandbox/seeds.ts';
import type { Json, JsonObject } from '../../src/adapter-kit/index.ts';
import { letters, map, patchOf, type Subject, word } from './subject.ts';
import { iamKeystone, iamOtc, senlin } from './subjects-keystone.ts';

const NERM_UPDATED = '2020-02-03T10:20:30.456-05:00';
const NERM_SEED: JsonObject = {
  name: 'Before',
  updated_at: NERM_UPDATED,
  attributes: { cost_centre: '4700', nickname: 'Dee', sponsor: SEEDED_USER_IDS.sam },
};
/** Of a type that makes the name itself, whatever a patch says. */
const NERM_COMPUTED: JsonObject = {
  name: 'Noor Example',
  updated_at: NERM_UPDATED,
  profile_type_id: SEEDED_TYPE_IDS.computedName,
  attributes: { first_name: 'Noor', last_name: 'Example', cost_centre: '4700' },
};
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

export const nerm: Subject = {
  name: 'nerm',
  vendor: 'nerm',
  folder: 'nerm',
  id: '4d9e2f10-7a3b-4c5d-9e8f-0a1b2c3d4e5f',
  seeds: [NERM_SEED, NERM_SEED, NERM_SEED, NERM_COMPUTED],
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
    name: { member: 'name', isNormalized: true, isShown: (_, seed) => seed !== NERM_COMPUTED },
    status: { member: 'status', form: (value) => NERM_WORDS.status[value as 'active'] },
    attributes: {
      member: 'attributes',
      // It stores texts alone.
      form: (value) => (typeof value === 'string' ? value : JSON.stringify(value)),
      clears: '',
      isShown: isNoReference,
    },
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
