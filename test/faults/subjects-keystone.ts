import fc from 'fast-check';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { letters, map, patchOf, type Subject, word } from './subject.ts';

const keystoneExpired = {
  status: 401,
  body: '{"error":{"code":401,"message":"The request you have made requires authentication.","title":"Unauthorized"}}',
};

export const senlin: Subject = {
  name: 'senlin',
  vendor: 'senlin',
  folder: 'senlin',
  queuedBehind: /^(?:50[24]|hang|reset)(?: before|, unread)/,
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

export const iamOtc: Subject = {
  ...iamCommon,
  name: 'iam (otc)',
  writesEndToken: true,
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

export const iamKeystone: Subject = {
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
