import type { JsonObject } from '../../src/contract/index.ts';
import type { Random } from '../http/fuzz-random.ts';

export const VENDOR_ORIGIN = 'https://vendor.test';

/** A target whose every credential is a canary. */
export type Slotted = {
  readonly name: string;
  readonly id: string;
  readonly settings: JsonObject;
};

const UUID = '7fa885cd-fa39-4531-a42d-780af95c84a4';
const HEX = '23da5961c8214f5caf701c27d9703959';

/** One target for each vendor and way to authorize; `canary` makes a value that nothing repeats. */
export function slottedTargets(canary: Canary): Slotted[] {
  const header = (slot: string): string => canary(slot, HEADER_LETTERS);
  const free = (slot: string): string => canary(slot, ALL_LETTERS);
  const password = (slot: string, scope: JsonObject): JsonObject => ({
    method: 'password',
    url: `${VENDOR_ORIGIN}/identity/v3`,
    username: 'gw',
    password: free(slot),
    userDomain: 'Default',
    ...scope,
  });
  const project = { project: 'team', projectDomain: 'Default' };
  const otc = { vendor: 'iam', dialect: 'otc', baseUrl: `${VENDOR_ORIGIN}/otc` };
  const nerm = { vendor: 'nerm', baseUrl: `${VENDOR_ORIGIN}/nerm/api` };
  const senlin = { vendor: 'senlin', baseUrl: `${VENDOR_ORIGIN}/senlin` };
  const apiKey = (scheme: string): JsonObject => {
    return { method: 'token', token: header(`key-${scheme}`), scheme };
  };
  return [
    { id: UUID, settings: { ...senlin, auth: password('senlin', project) } },
    {
      id: UUID,
      settings: {
        ...senlin,
        auth: {
          method: 'applicationCredential',
          url: `${VENDOR_ORIGIN}/identity/v3`,
          id: free('app-id'),
          secret: free('app-secret'),
        },
      },
    },
    { id: UUID, settings: { ...nerm, auth: apiKey('Bearer') } },
    { id: UUID, settings: { ...nerm, auth: apiKey('Token') } },
    {
      id: UUID,
      settings: {
        ...nerm,
        auth: {
          method: 'clientCredentials',
          tokenUrl: `${VENDOR_ORIGIN}/oauth/token`,
          clientId: free('client-id'),
          clientSecret: free('client-secret'),
        },
      },
    },
    { id: HEX, settings: { ...otc, auth: password('otc', { domain: 'OTC1' }) } },
    {
      id: HEX,
      settings: { ...otc, manageStatus: true, auth: password('status', { domain: 'OTC1' }) },
    },
    {
      id: HEX,
      settings: {
        ...otc,
        auth: {
          method: 'accessKey',
          accessKey: header('otc-access'),
          secretKey: free('otc-secret'),
          domainId: HEX,
        },
      },
    },
    {
      id: HEX,
      settings: {
        vendor: 'iam',
        dialect: 'keystone',
        baseUrl: `${VENDOR_ORIGIN}/keystone`,
        auth: password('keystone', project),
      },
    },
    {
      id: UUID,
      settings: {
        vendor: 'naver',
        baseUrl: `${VENDOR_ORIGIN}/naver`,
        auth: { accessKey: header('naver-access'), secretKey: free('naver-secret') },
      },
    },
  ].map((target, i) => ({ ...target, name: `target-${i}` }));
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

/** Makes canaries and remembers them. */
export function createCanaries(random: Random) {
  const all: string[] = [];
  const make: Canary = (slot, letters) => {
    const tail = random.times(10, () => random.pick(letters)).join('');
    const value = `c${all.length}-${slot}-${random.below(1e9).toString(36)}${tail}e`;
    all.push(value);
    return value;
  };
  return { all, make };
}
