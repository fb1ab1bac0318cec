import * as z from 'zod/mini';
import {
  type Authorization,
  baseUrlSchema,
  type Conversation,
  fail,
  type HttpResponse,
  isHeaderValue,
  isSuccess,
  type Json,
  jsonRequests,
  lazily,
  ownObject,
  ownText,
  type SchemaValue,
  type Secret,
  splitBaseUrl,
  succeed,
  type Token,
} from '../../src/adapter-kit/index.ts';
import { bodyOf, keystoneFault } from './errors.ts';

const password = lazily(() => ({
  method: z.literal('password'),
  url: baseUrlSchema(),
  username: z.string().check(z.minLength(1)),
  password: z.string().check(z.minLength(1)),
  userDomain: z.string().check(z.minLength(1)),
}));

/** Password of a user, with a token for a project. */
export const projectPassword = lazily(() =>
  z.strictObject({
    ...password(),
    project: z.string().check(z.minLength(1)),
    projectDomain: z.string().check(z.minLength(1)),
  }),
);

/** Password of a user, with a token for a whole domain. */
export const domainPassword = lazily(() =>
  z.strictObject({
    ...password(),
    domain: z.string().check(z.minLength(1)),
  }),
);

/** An application credential, which carries its own scope. */
export const applicationCredential = lazily(() =>
  z.strictObject({
    method: z.literal('applicationCredential'),
    url: baseUrlSchema(),
    id: z.string().check(z.minLength(1)),
    secret: z.string().check(z.minLength(1)),
  }),
);

export type KeystoneCredential =
  | SchemaValue<typeof projectPassword>
  | SchemaValue<typeof domainPassword>
  | SchemaValue<typeof applicationCredential>;

/**
 * `POST /v3/auth/tokens?nocatalog`: the token is in `X-Subject-Token`, its lifetime goes from
 * `issued_at` to `expires_at` (Keystone api-ref v3, authenticate-v3). The catalog is left out
 * because the configuration names the service, and because it makes PKI tokens longer.
 */
export function keystoneAuthorization(credential: KeystoneCredential): Authorization {
  const { origin, prefix } = splitBaseUrl(credential.url);
  const { send } = jsonRequests(origin, `${prefix.replace(/\/v3$/, '')}/v3/auth/`);
  const request = send('POST', 'tokens?nocatalog', { auth: authBody(credential) });
  return {
    kind: 'token',
    header: 'x-auth-token',
    writesRevokeToken: true,
    acquire: function* acquire(): Conversation<Token> {
      const response = yield request;
      if (!isSuccess(response)) return fail(keystoneFault(response));
      const token = response.headers['x-subject-token'];
      if (token === undefined || !isHeaderValue(token)) return fail(keystoneFault(response));
      return succeed({ headers: { 'x-auth-token': token }, ...lifetimeOf(response) });
    },
  };
}

/** Returns the lifetime of a token by Keystone's own clock, where the response states it. */
function lifetimeOf(response: HttpResponse): Pick<Token, 'expiresAtMs' | 'expiresInSeconds'> {
  const token = ownObject(bodyOf(response), 'token');
  const endMs = Date.parse(ownText(token, 'expires_at') ?? '');
  if (Number.isNaN(endMs)) return {};
  const startMs = Date.parse(ownText(token, 'issued_at') ?? response.headers.date ?? '');
  if (Number.isNaN(startMs)) return { expiresAtMs: endMs };
  return { expiresInSeconds: (endMs - startMs) / 1000 };
}

/** The parts of a credential that must never be shown. */
export function keystoneSecrets(credential: KeystoneCredential): Secret[] {
  return credential.method === 'password'
    ? [{ name: 'auth.password', value: credential.password }]
    : [
        { name: 'auth.secret', value: credential.secret },
        { name: 'auth.id', value: credential.id, isName: true },
      ];
}

function authBody(credential: KeystoneCredential): Json {
  if (credential.method === 'applicationCredential') {
    const { id, secret } = credential;
    return {
      identity: { methods: ['application_credential'], application_credential: { id, secret } },
    };
  }
  const user = {
    name: credential.username,
    password: credential.password,
    domain: { name: credential.userDomain },
  };
  const scope =
    'domain' in credential
      ? { domain: { name: credential.domain } }
      : { project: { name: credential.project, domain: { name: credential.projectDomain } } };
  return { identity: { methods: ['password'], password: { user } }, scope };
}
