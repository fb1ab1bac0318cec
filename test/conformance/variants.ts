import type { JsonObject } from '../../src/adapter-kit/index.ts';

/** Another configuration of a vendor whose sandbox has one for its demo already. */
export type Variant = {
  readonly vendor: string;
  readonly name: string;
  readonly settings: (origin: string) => JsonObject;
  /** Where the demo's profile is not what the configuration reaches. */
  readonly id?: string;
};

/**
 * The dialects and ways to authorize that the demos leave out, with keys of sandboxes only. An
 * application credential is not among them: Senlin refuses its first call in a project.
 */
export const VARIANTS: readonly Variant[] = [
  {
    vendor: 'nerm',
    name: 'client credentials',
    settings: (origin) => ({
      baseUrl: `${origin}/nerm/api`,
      auth: {
        method: 'clientCredentials',
        tokenUrl: `${origin}/nerm/oauth/token`,
        clientId: 'sandbox-client',
        clientSecret: 'sandbox-client-secret',
      },
    }),
  },
  {
    vendor: 'iam',
    name: 'otc, access key',
    settings: (origin) => ({
      dialect: 'otc',
      baseUrl: `${origin}/iam`,
      auth: {
        method: 'accessKey',
        accessKey: 'SANDBOXACCESSKEY0001',
        secretKey: 'sandbox-secret-key-0001',
        domainId: 'a1b2c3d4e5f60718293a4b5c6d7e8f90',
      },
    }),
  },
  {
    vendor: 'iam',
    name: 'keystone',
    settings: (origin) => ({
      dialect: 'keystone',
      baseUrl: `${origin}/keystone`,
      auth: {
        method: 'password',
        username: 'admin',
        password: 'sandbox-admin-password',
        userDomain: 'Default',
        project: 'admin',
        projectDomain: 'Default',
      },
    }),
    id: 'c438313824b94a38bcf9c2542d447ef5',
  },
];
