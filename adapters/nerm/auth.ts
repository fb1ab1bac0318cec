import * as z from 'zod/mini';
import {
  type Authorization,
  baseUrlSchema,
  bodyObject,
  type Conversation,
  codeOfStatus,
  type Fault,
  type FaultCode,
  fail,
  type HttpResponse,
  headerValueSchema,
  isHeaderValue,
  isSuccess,
  type JsonObject,
  lazily,
  optional,
  own,
  ownText,
  type SchemaValue,
  type Secret,
  succeed,
  type Token,
  vendorFault,
} from '../../src/adapter-kit/index.ts';

/** A NERM API key. Older tenants' clients write it as `Token token=<key>`. */
const apiKey = lazily(() =>
  z.strictObject({
    method: z.literal('token'),
    token: headerValueSchema(),
    scheme: z._default(z.enum(['Bearer', 'Token']), 'Bearer'),
  }),
);

/** A personal access token of Identity Security Cloud, exchanged for short-lived tokens. */
const clientCredentials = lazily(() =>
  z.strictObject({
    method: z.literal('clientCredentials'),
    tokenUrl: baseUrlSchema(),
    clientId: z.string().check(z.minLength(1)),
    clientSecret: z.string().check(z.minLength(1)),
  }),
);

export const credential = lazily(() =>
  z.discriminatedUnion('method', [apiKey(), clientCredentials()]),
);
export type Credential = SchemaValue<typeof credential>;

/** Returns how requests authenticate (developer portal, NERM authentication, 2026-01-13). */
export function authorizationOf(auth: Credential): Authorization {
  if (auth.method === 'clientCredentials') {
    return { kind: 'token', header: 'authorization', acquire: () => acquireToken(auth) };
  }
  const { scheme, token } = auth;
  const authorization = scheme === 'Token' ? `Token token=${token}` : `Bearer ${token}`;
  return { kind: 'headers', headers: { authorization } };
}

/** The parts of a credential that must never be shown. */
export function secretsOf(auth: Credential): Secret[] {
  return auth.method === 'token'
    ? [{ name: 'auth.token', value: auth.token }]
    : [
        { name: 'auth.clientSecret', value: auth.clientSecret },
        { name: 'auth.clientId', value: auth.clientId, isName: true },
      ];
}

/** Origins that credentials are sent to, besides the API's own. */
export function originsOf(auth: Credential): string[] {
  return auth.method === 'clientCredentials' ? [new URL(auth.tokenUrl).origin] : [];
}

/** `grant_type=client_credentials` as a form; the answer names the token's life in seconds. */
function* acquireToken(auth: SchemaValue<typeof clientCredentials>): Conversation<Token> {
  const { origin, pathname, search } = new URL(auth.tokenUrl);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: auth.clientId,
    client_secret: auth.clientSecret,
  });
  const response = yield {
    method: 'POST',
    origin,
    path: pathname + search,
    headers: {
      accept: 'application/json',
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
  };
  const body = bodyObject(response) ?? {};
  const token = ownText(body, 'access_token') ?? '';
  if (!isSuccess(response) || !isHeaderValue(token)) return fail(tokenFault(response, body));
  return succeed({
    headers: { authorization: `Bearer ${token}` },
    ...optional('expiresInSeconds', lifetimeSeconds(body)),
  });
}

/** Some servers write `expires_in` as text; without one the caller's own default counts. */
function lifetimeSeconds(body: JsonObject): number | undefined {
  const seconds = Number(own(body, 'expires_in') ?? Number.NaN);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

/**
 * `{"error","error_description"}` of RFC 6749 section 5.2. A refused client is a 400 or a 401
 * there; another 400 means that the configured address does not accept the grant. A token request
 * never writes anything.
 */
function tokenFault(response: HttpResponse, body: JsonObject): Fault {
  const error = ownText(body, 'error');
  const upstream = {
    ...optional('code', error),
    ...optional('message', ownText(body, 'error_description')),
    ...optional('requestId', response.headers['x-request-id']),
  };
  return vendorFault(tokenFaultCode(response.status, error), response, upstream, 'none');
}

function tokenFaultCode(status: number, error: string | undefined): FaultCode {
  if (error === 'invalid_client' || error === 'unauthorized_client' || error === 'invalid_grant') {
    return 'target_unauthorized';
  }
  const code = codeOfStatus(status);
  return code === 'rejected_by_target' || code === 'conflict' ? 'target_misconfigured' : code;
}
