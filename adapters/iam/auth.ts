import * as z from 'zod/mini';
import {
  type Authorization,
  baseUrlSchema,
  type Connection,
  headerValueSchema,
  lazily,
  optional,
  type SchemaValue,
  splitBaseUrl,
} from '../../src/adapter-kit/index.ts';
import {
  type KeystoneCredential,
  keystoneAuthorization,
  keystoneSecrets,
  projectPassword,
} from '../keystone/auth.ts';
import { type AccessKey, signRequest } from './sign.ts';

const word = lazily(() => z.string().check(z.minLength(1)));

/**
 * Password of a user, with a token for a domain or for one project. On otc only a domain's token
 * may modify projects (IAM API reference, Authentication).
 */
export const password = lazily(() =>
  z.pipe(
    z.extend(projectPassword(), {
      url: z.optional(baseUrlSchema()),
      domain: z.optional(word()),
      project: z.optional(word()),
      projectDomain: z.optional(word()),
    }),
    z.transform(({ url, domain, project, projectDomain, ...user }, context) => {
      const common = { ...user, ...optional('url', url) };
      const hasProject = project !== undefined && projectDomain !== undefined;
      if (domain === undefined && hasProject) return { ...common, project, projectDomain };
      if (domain !== undefined && project === undefined && projectDomain === undefined) {
        return { ...common, domain };
      }
      const message = 'needs either `domain`, or `project` with `projectDomain`';
      context.issues.push({ code: 'custom', input: context.value, message });
      return z.NEVER;
    }),
  ),
);

/** A permanent access key of a user, which signs each request; otc only. */
export const accessKey = lazily(() =>
  z.strictObject({
    method: z.literal('accessKey'),
    accessKey: headerValueSchema(),
    secretKey: word(),
    /** The account, sent as `X-Domain-Id`. */
    domainId: headerValueSchema(),
  }),
);

type Credential = SchemaValue<typeof password> | SchemaValue<typeof accessKey>;

/**
 * Returns the authorization of requests; tokens come from `auth.url`, or else from `identityUrl`.
 */
export function authorize(
  auth: Credential,
  identityUrl: string,
): Pick<Connection, 'authorization' | 'secrets'> & { readonly origins: readonly string[] } {
  if (auth.method === 'accessKey') {
    return {
      authorization: signature(auth),
      secrets: [
        { name: 'auth.accessKey', value: auth.accessKey },
        { name: 'auth.secretKey', value: auth.secretKey },
      ],
      origins: [],
    };
  }
  const credential: KeystoneCredential = { ...auth, url: auth.url ?? identityUrl };
  return {
    authorization: keystoneAuthorization(credential),
    secrets: keystoneSecrets(credential),
    origins: [splitBaseUrl(credential.url).origin],
  };
}

function signature(key: AccessKey): Authorization {
  return {
    kind: 'signature',
    volatileHeaders: ['authorization', 'x-sdk-date'],
    sign: (request, context) => signRequest(request, key, context),
  };
}
