import { SEEDED } from '../../adapters/iam/sandbox/projects.ts';
import { SPARE_PROJECT_ID } from '../../adapters/keystone/sandbox/seed.ts';
import { SEEDED_ID } from '../../adapters/naver/sandbox/store.ts';
import { SEEDED_IDS } from '../../adapters/nerm/sandbox/seeds.ts';
import { DEMO_PROFILE_ID } from '../../adapters/senlin/sandbox/seed.ts';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import type { RunningGateway, TargetSettings } from './gateway.ts';

export const SENLIN = `senlin-demo:${DEMO_PROFILE_ID}`;
export const NERM = `nerm-demo:${SEEDED_IDS.plain}`;
export const IAM = `iam-demo:${SEEDED.demo}`;
export const NAVER = `naver-demo:${SEEDED_ID}`;
/** Of the target `keystone-demo`, which a test must add. */
export const KEYSTONE = `keystone-demo:${SPARE_PROJECT_ID}`;

/** The keystone dialect of iam, as the administrator of the Keystone sandbox. */
export const keystoneTarget: TargetSettings = (origin) => ({
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
});

/** The demo's account of naver at another address, or with another secret. */
export function naverTarget(more: JsonObject = {}, secretKey = 'sandbox-ncp-secret-key') {
  const auth = { accessKey: 'SANDBOXNCPACCESSKEY1', secretKey };
  return (origin: string): JsonObject => ({
    vendor: 'naver',
    baseUrl: `${origin}/naver`,
    auth,
    ...more,
  });
}

export function nermTarget(more: JsonObject = {}, token = 'sandbox-nerm-token') {
  return (origin: string): JsonObject => ({
    vendor: 'nerm',
    baseUrl: `${origin}/nerm/api`,
    auth: { method: 'token', token },
    ...more,
  });
}

export function iamTarget(folder = 'iam', password = 'sandbox-password', manageStatus = false) {
  return (origin: string): JsonObject => ({
    vendor: 'iam',
    dialect: 'otc',
    baseUrl: `${origin}/${folder}`,
    manageStatus,
    auth: {
      method: 'password',
      username: 'gateway',
      password,
      userDomain: 'OTC-SANDBOX',
      domain: 'OTC-SANDBOX',
    },
  });
}

export function senlinTarget(password: string): TargetSettings {
  return (origin) => ({
    vendor: 'senlin',
    baseUrl: `${origin}/senlin`,
    auth: {
      method: 'password',
      url: `${origin}/keystone/v3`,
      username: 'gateway',
      password,
      userDomain: 'Default',
      project: 'demo',
      projectDomain: 'Default',
    },
  });
}

/** The upstream id of `target:upstreamId`. */
export function upstreamIdOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

/** How many changes all vendors have seen. */
export function changesSeen(gateway: RunningGateway): number {
  return ['senlin', 'nerm', 'iam', 'naver', 'keystone']
    .map((folder) => gateway.sandbox(folder).journal().length)
    .reduce((sum, count) => sum + count, 0);
}

/** The writes among what reached the vendors since `from`, without those that were refused. */
export function writesSince({ upstream }: RunningGateway, from: number): string[] {
  return upstream
    .slice(from)
    .filter(({ method, status }) => method !== 'GET' && status < 400)
    .filter(({ path }) => !path.includes('/auth/tokens'))
    .map(({ method, path }) => `${method} ${path}`);
}
