import type { Json, JsonObject } from '../../src/adapter-kit/index.ts';

/**
 * Where values begin and end to be sent, as the vendors' documents say it: written down once more,
 * beside the declarations, so that a slip in those shows.
 */
export type Boundary = {
  /** Titles of the subjects. */
  readonly subjects: readonly string[];
  readonly pointer: string;
  /** Sent; what the vendor then says is its own decision. */
  readonly sent: readonly Json[];
  /** Refused before anything is sent. */
  readonly refused: readonly Json[];
  readonly source: string;
};

const OTC = ['iam', 'iam (otc, access key)'];
const NERM = ['nerm', 'nerm (client credentials)'];
const REGION = 'eu-de_';

export const BOUNDARIES: readonly Boundary[] = [
  {
    subjects: ['senlin'],
    pointer: '/name',
    sent: ['a', 'a'.repeat(255), '中'.repeat(255), '1._~-'],
    refused: ['', 'a'.repeat(256), '中'.repeat(256), 'a b', 'a/b', 'é'],
    source: 'senlin/objects/fields.py, senlin 16.0.0',
  },
  {
    subjects: NERM,
    pointer: '/extensions/nerm/profile_type_id',
    sent: ['6d8fab21-3c5e-4a7b-9d1f-2b4c6e8fa087', '6D8FAB21-3C5E-4A7B-9D1F-2B4C6E8FA087'],
    refused: ['', 'contractor', '6d8fab213c5e4a7b9d1f2b4c6e8fa087'],
    source: 'api-specs 81ef79d0: format uuid',
  },
  {
    subjects: [...OTC, 'iam (keystone)'],
    pointer: '/name',
    sent: [REGION.padEnd(64, 'a'), REGION.padEnd(64, '中'), `${REGION}a b`, `${REGION}\u0001b`],
    refused: ['', REGION.padEnd(65, 'a'), ` ${REGION}`, `${REGION} `, '\u0001', `${REGION}\ud800`],
    source: 'IAM API reference of 2026-01, Modifying Project Data; Keystone 22.0.2',
  },
  {
    subjects: [...OTC, 'iam (keystone)'],
    pointer: '/name',
    // Too short for a region part on otc, which is no matter of its length.
    sent: ['a'],
    refused: [],
    source: 'keystone/resource/schema.py, Keystone 22.0.2',
  },
  {
    subjects: OTC,
    pointer: '/description',
    sent: ['', 'a'.repeat(255), '中'.repeat(255), ' a '],
    refused: ['a'.repeat(256), '中'.repeat(256), '\ud800'],
    source: 'IAM API reference of 2026-01, Modifying Project Data',
  },
  {
    subjects: ['iam (keystone)'],
    pointer: '/description',
    sent: ['', 'a'.repeat(256), ' a '],
    refused: ['\ud800'],
    source: 'keystone/resource/schema.py, Keystone 22.0.2',
  },
  {
    subjects: NERM,
    pointer: '/status',
    sent: ['active', 'inactive', 'on_leave', 'terminated'],
    refused: ['Active', 'archived'],
    source: 'api-specs 81ef79d0: enum',
  },
  {
    subjects: NERM,
    pointer: '/extensions/nerm/id_proofing_status',
    sent: ['pending', 'pass', 'fail'],
    refused: ['passed'],
    source: 'api-specs 81ef79d0: enum',
  },
  {
    subjects: ['naver'],
    pointer: '/name',
    sent: ['abc', '가나다', 'a'.repeat(30), '가'.repeat(30), 'a-_.'],
    refused: ['', 'ab', '가나', 'a'.repeat(31), '1ab', '-ab'],
    source: 'management-subaccount-patchprofiles, 2026-09',
  },
  {
    subjects: ['naver'],
    pointer: '/description',
    sent: ['', 'a'.repeat(300), '가'.repeat(100)],
    refused: ['a'.repeat(301), '가'.repeat(101)],
    source: 'management-subaccount-patchprofiles, 2026-09: 300 bytes',
  },
  {
    subjects: ['naver'],
    pointer: '/extensions/naver/durationSeconds',
    sent: [600, 43_200],
    refused: [599, 43_201, 600.5],
    source: 'management-subaccount-patchprofiles, 2026-09',
  },
  {
    subjects: ['naver'],
    pointer: '/extensions/naver/roleIdList',
    sent: [[], ['5d0d4d80-0000-4000-8000-246e96591a3b']],
    refused: [['a', 'a'], 'a', [1]],
    source: 'Answers show roles as NRNs, so only their number can be compared',
  },
];

/** Patches that do not fit the profile as it is: refused after it was read. */
export const UNFIT: readonly {
  readonly subjects: readonly string[];
  /** Laid over the stored profile. */
  readonly stored: JsonObject;
  readonly patch: JsonObject;
}[] = [
  { subjects: OTC, stored: {}, patch: { name: 'eu-nl_moved' } },
  { subjects: OTC, stored: { name: 'eu-de' }, patch: { name: 'eu-de_renamed' } },
  {
    subjects: [...OTC, 'iam (keystone)'],
    stored: { is_domain: true },
    patch: { name: 'eu-de_renamed' },
  },
];

/** Fields that grant or freeze something: only a caller with an explicit allow writes them. */
export const SENSITIVE: Readonly<Record<string, readonly string[]>> = {
  iam: ['/status'],
  'iam (keystone)': ['/status'],
  naver: ['/extensions/naver/roleIdList'],
};
