import type { JsonObject } from '../../src/adapter-kit/index.ts';
import type { Random } from './fuzz-random.ts';

export const VENDOR_ORIGIN = 'https://vendor.test';

/** A target whose every credential is a canary, at an address of its own. */
export type Slotted = {
  readonly name: string;
  readonly id: string;
  readonly settings: JsonObject;
  readonly secrets: readonly string[];
};

type Draft = (at: string) => { readonly id: string; readonly settings: JsonObject };

const UUID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
const HEX = '23da5961c8214f5caf701c27d9703959';

/** One target for each vendor and way to authorize. */
export function slottedTargets({ all, make }: Canaries): Slotted[] {
  const header = (slot: string): string => make(slot, HEADER_LETTERS);
  const free = (slot: string): string => make(slot, ALL_LETTERS);
  const project = { project: 'team', projectDomain: 'Default' };
  const password = (at: string, scope: JsonObject): JsonObject => {
    const user = { username: 'gw', password: free('password'), userDomain: 'Default' };
    return { method: 'password', url: `${at}/v3`, ...user, ...scope };
  };
  const senlin = (auth: (at: string) => JsonObject): Draft => {
    return (at) => ({ id: UUID, settings: { vendor: 'senlin', baseUrl: at, auth: auth(at) } });
  };
  const nerm = (auth: (at: string) => JsonObject): Draft => {
    return (at) => ({ id: UUID, settings: { vendor: 'nerm', baseUrl: at, auth: auth(at) } });
  };
  const iam = (dialect: string, more: JsonObject, auth: (at: string) => JsonObject): Draft => {
    const settings = { vendor: 'iam', dialect, ...more };
    return (at) => ({ id: HEX, settings: { ...settings, baseUrl: at, auth: auth(at) } });
  };
  const drafts: readonly Draft[] = [
    senlin((at) => password(at, project)),
    senlin((at) => {
      const credential = { id: free('app-id'), secret: free('app-secret') };
      return { method: 'applicationCredential', url: `${at}/v3`, ...credential };
    }),
    nerm(() => ({ method: 'token', token: header('bearer'), scheme: 'Bearer' })),
    nerm(() => ({ method: 'token', token: header('token'), scheme: 'Token' })),
    nerm((at) => {
      const client = { clientId: free('client-id'), clientSecret: free('client-secret') };
      return { method: 'clientCredentials', tokenUrl: `${at}/oauth/token`, ...client };
    }),
    iam('otc', {}, (at) => password(at, { domain: 'OTC1' })),
    iam('otc', { manageStatus: true }, (at) => password(at, { domain: 'OTC1' })),
    iam('otc', {}, () => {
      const keys = { accessKey: header('otc-access'), secretKey: free('otc-secret') };
      return { method: 'accessKey', ...keys, domainId: HEX };
    }),
    iam('keystone', {}, (at) => password(at, project)),
    (at) => {
      const auth = { accessKey: header('naver-access'), secretKey: free('naver-secret') };
      return { id: UUID, settings: { vendor: 'naver', baseUrl: at, auth } };
    },
  ];
  return drafts.map((draft, i) => {
    const before = all.length;
    const { id, settings } = draft(`${VENDOR_ORIGIN}/${nameOf(i)}`);
    return { name: nameOf(i), id, settings, secrets: all.slice(before) };
  });
}

function nameOf(i: number): string {
  return `target-${i}`;
}

type Canary = (slot: string, letters: readonly [string, ...string[]]) => string;

/** Letters that JSON, a URL, a form or HTML write otherwise; all may stand in a header. */
export const HEADER_LETTERS = [
  'a',
  'Z',
  '7',
  '"',
  '\\',
  '/',
  '+',
  '=',
  '%',
  '<',
  '&',
  "'",
] as const;
const ALL_LETTERS = [...HEADER_LETTERS, 'ö', ' ', '😀', '%41'] as const;

export type Canaries = {
  /** Every one that was made. */
  readonly all: readonly string[];
  /** Makes a value that nothing repeats. */
  readonly make: Canary;
};

export function createCanaries(random: Random): Canaries {
  const all: string[] = [];
  const make: Canary = (slot, letters) => {
    const tail = random.times(10, () => random.pick(letters)).join('');
    const value = `c${all.length}-${slot}-${random.below(1e9).toString(36)}${tail}e`;
    all.push(value);
    return value;
  };
  return { all, make };
}
