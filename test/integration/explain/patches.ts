import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { IAM, KEYSTONE, NAVER, NERM, SENLIN, upstreamIdOf } from '../../support/profiles.ts';

/** A patch that the sandbox of its target takes. */
export type Case = {
  readonly id: string;
  readonly patch: JsonObject;
  readonly lenient?: boolean;
  /** The profile has these values already, and a read shows it before anything is written. */
  readonly noop?: boolean;
  /** The profile has these values already, and the write is sent all the same. */
  readonly unchanged?: boolean;
};

/** A target of the iam sandbox that takes `status`. */
export const IAM_STATUS = `iam-status:${upstreamIdOf(IAM)}`;

type Given = Omit<Case, 'id'>;

const ROLE_ID = '5d0d4d80-0000-4000-8000-246e96591a38';
const ODD = 'ü "quoted" \\ \'single\' 漢 \u2028';

const senlin: readonly Given[] = [
  { patch: { name: 'test_prof2' } },
  { patch: { attributes: { owner: 'blue' } } },
  {
    patch: { name: 'three', attributes: { owner: 'red', first: 1, second: JSON.rawJSON('1.50') } },
  },
  { patch: { attributes: { nested: { list: [1, null, { deep: true }], none: {} } } } },
  { patch: { attributes: { [ODD]: ODD, '~/': '' } } },
  { patch: { attributes: { gone: null, stays: 'x' } } },
  { patch: { name: 'five', status: 'active', description: 'none' }, lenient: true },
  { patch: { attributes: null, name: 'six' } },
  { patch: {}, noop: true },
  { patch: { attributes: {} }, noop: true },
];

const nerm: readonly Given[] = [
  { patch: { name: ODD.trim() } },
  { patch: { status: 'on_leave' } },
  { patch: { status: 'terminated', name: 'Dana B. Example' } },
  { patch: { attributes: { cost_centre: '4711' } } },
  { patch: { attributes: { cost_centre: null, nickname: '' } } },
  { patch: { attributes: { cost_centre: 4711, nickname: true } }, lenient: true },
  { patch: { description: 'none', attributes: { nickname: 'D' } }, lenient: true },
  { patch: { extensions: { nerm: { id_proofing_status: 'pass' } } } },
  {
    patch: { extensions: { nerm: { profile_type_id: '6d8fab21-3c5e-4a7b-9d1f-2b4c6e8fa087' } } },
  },
  { patch: { extensions: { nerm: { archived: true } } } },
  { patch: { attributes: { cost_centre: '4700' }, status: 'active' }, unchanged: true },
  { patch: {}, noop: true },
];

const iam: readonly Given[] = [
  { patch: { name: 'eu-de_demo2' } },
  { patch: { description: 'gateway demo' } },
  { patch: { description: ODD } },
  { patch: { name: 'eu-de_both', description: 'both' } },
  { patch: { description: null, name: 'eu-de_cleared' } },
  { patch: { description: '', name: 'eu-de_blank' } },
  { patch: { description: 'kept', attributes: { a: 'b' } }, lenient: true },
  { patch: { description: 'kept too', name: 'other-region_x' }, lenient: true },
  { patch: { description: 'kept', extensions: { iam: { domain_id: 'x' } } }, lenient: true },
  { patch: {}, noop: true },
];

const iamStatus: readonly Given[] = [
  { patch: { status: 'inactive' } },
  { patch: { status: 'inactive', name: 'eu-de_stopped', description: 'two writes' } },
  { patch: { status: 'active' }, noop: true },
];

const keystone: readonly Given[] = [
  { patch: { description: 'renewed' } },
  { patch: { status: 'inactive', description: 'one write' } },
  { patch: { name: 'renamed', description: null } },
];

const naver: readonly Given[] = [
  { patch: { name: 'builder' } },
  { patch: { description: 'build farm' } },
  { patch: { description: null, name: 'build-farm' } },
  { patch: { extensions: { naver: { durationSeconds: 7200 } } } },
  { patch: { extensions: { naver: { roleIdList: [] } } } },
  { patch: { extensions: { naver: { roleIdList: null, durationSeconds: 600 } } } },
  { patch: { extensions: { naver: { roleIdList: [ROLE_ID] } }, description: 'one role' } },
  { patch: { status: 'inactive' } },
  { patch: { status: 'inactive', description: 'two writes' } },
  { patch: { description: ODD, attributes: { a: 1 } }, lenient: true },
  // No read comes before this one, so it is sent although it changes nothing.
  { patch: { status: 'active' }, unchanged: true },
  { patch: {}, noop: true },
];

export const CASES: Readonly<Record<string, readonly Case[]>> = {
  senlin: of(SENLIN, senlin),
  nerm: of(NERM, nerm),
  iam: of(IAM, iam),
  'iam with status': of(IAM_STATUS, iamStatus),
  keystone: of(KEYSTONE, keystone),
  naver: of(NAVER, naver),
};

function of(id: string, cases: readonly Given[]): Case[] {
  return cases.map((one) => ({ id, ...one }));
}
