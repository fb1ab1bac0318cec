import type { JsonObject } from '../../../src/adapter-kit/json.ts';

/**
 * The initial content of the Keystone sandbox. Every password here is public and opens nothing
 * else.
 */

export type Role = { readonly id: string; readonly name: 'admin' | 'member' | 'reader' };

export type User = {
  readonly id: string;
  readonly name: string;
  readonly password: string;
  readonly defaultProjectId?: string;
  readonly domainRoles: readonly Role[];
  readonly projectRoles: Readonly<Record<string, readonly Role[]>>;
};

export type ApplicationCredential = {
  readonly id: string;
  readonly name: string;
  readonly secret: string;
  readonly userId: string;
  readonly projectId: string;
  readonly roles: readonly Role[];
};

export const DOMAIN = { id: 'default', name: 'Default' } as const;

export const ADMIN_PROJECT_ID = '0d6e3c1b5a7f4e2d9c8b7a6f5e4d3c2b';
export const DEMO_PROJECT_ID = '42d9e9663331431f97b75e25136307ff';
/** A project to try `PATCH` on, and the one that has a name in use. */
export const SPARE_PROJECT_ID = 'c438313824b94a38bcf9c2542d447ef5';
export const PARTNER_PROJECT_ID = 'a0a5e19726164ada9d4b25914d72343a';
export const CHILD_PROJECT_ID = 'b94c7d21b4814fd3ba81a7e349eb094b';

export const GATEWAY_USER_ID = '5e5bf8027826429c96af157f68dc9072';
const ADMIN_USER_ID = '6e0bee3444804438b893efd02a2b7a95';

const ADMIN: Role = { id: '2766e8e46fde43d2924bffd8e86eb708', name: 'admin' };
const MEMBER: Role = { id: '4743b5fefd7341a19f502f705a9786cf', name: 'member' };
const READER: Role = { id: '75f3c44ed68c4055a6f9d4ca9054420b', name: 'reader' };

export const USERS: readonly User[] = [
  {
    id: GATEWAY_USER_ID,
    name: 'gateway',
    password: 'sandbox-password',
    defaultProjectId: DEMO_PROJECT_ID,
    domainRoles: [],
    projectRoles: { [DEMO_PROJECT_ID]: [READER, MEMBER] },
  },
  {
    id: ADMIN_USER_ID,
    name: 'admin',
    password: 'sandbox-admin-password',
    domainRoles: [READER, ADMIN, MEMBER],
    projectRoles: { [ADMIN_PROJECT_ID]: [READER, ADMIN, MEMBER] },
  },
];

export const APPLICATION_CREDENTIALS: readonly ApplicationCredential[] = [
  {
    id: 'sandbox-application-credential',
    name: 'sandbox',
    secret: 'sandbox-secret',
    userId: GATEWAY_USER_ID,
    projectId: DEMO_PROJECT_ID,
    roles: [MEMBER],
  },
  {
    id: 'sandbox-admin-application-credential',
    name: 'sandbox-admin',
    secret: 'sandbox-admin-secret',
    userId: ADMIN_USER_ID,
    projectId: ADMIN_PROJECT_ID,
    roles: [ADMIN],
  },
];

export const SEEDED_PROJECTS: readonly JsonObject[] = [
  {
    ...project(DOMAIN.id, DOMAIN.name),
    description: 'The default domain',
    domain_id: null,
    parent_id: null,
    is_domain: true,
  },
  { ...project(ADMIN_PROJECT_ID, 'admin'), description: 'Project of the cloud administrator' },
  { ...project(DEMO_PROJECT_ID, 'demo'), description: 'Project to try things in' },
  { color: 'red', nest: { a: 1 }, ...project(SPARE_PROJECT_ID, 'alpha'), description: 'first' },
  project(PARTNER_PROJECT_ID, 'beta'),
  { ...project(CHILD_PROJECT_ID, 'child'), parent_id: PARTNER_PROJECT_ID },
];

function project(id: string, name: string): JsonObject {
  return {
    id,
    name,
    domain_id: DOMAIN.id,
    description: '',
    enabled: true,
    parent_id: DOMAIN.id,
    is_domain: false,
    tags: [],
    options: {},
  };
}
