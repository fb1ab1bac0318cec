/** The legacy API key that the sandbox knows. */
export const SANDBOX_API_KEY = 'sandbox-nerm-token';
/** The one client of the token endpoint. */
export const SANDBOX_CLIENT = { id: 'sandbox-client', secret: 'sandbox-client-secret' };
/** `expires_in` of the documented sample answer. [N4] */
export const TOKEN_LIFETIME_S = 749;
/** Most issued tokens that are remembered; the oldest is forgotten first. */
export const TOKENS_MAX = 1000;

type GrantBody = { readonly [key: string]: string | number };
export type Grant = { readonly status: 200 | 400 | 401; readonly body: GrantBody };

/** Credentials of one sandbox: the fixed API key and the tokens issued so far. */
export type Access = {
  /** Reports whether a value of the `Authorization` header is accepted. */
  readonly accepts: (authorization: string | undefined) => boolean;
  /** Answers a body sent to the token endpoint. */
  readonly grant: (contentType: string | undefined, body: string) => Grant;
};

export function createAccess(now: () => number): Access {
  const expiresAtMs = new Map<string, number>();

  const isLive = (token: string): boolean => {
    const end = expiresAtMs.get(token);
    return end !== undefined && now() < end;
  };

  return {
    // The API key is sent as `Bearer <key>` [N4] or `Token token=<key>` [N2]; an issued token only
    // as Bearer [N4]. Spelled exactly so, quotes and other letter case are refused. [I]
    accepts(authorization) {
      if (authorization === undefined) return false;
      if (authorization === `Token token=${SANDBOX_API_KEY}`) return true;
      if (!authorization.startsWith('Bearer ')) return false;
      const token = authorization.slice('Bearer '.length);
      return token === SANDBOX_API_KEY || isLive(token);
    },

    // POST form, client credentials in the body. [N4] Errors as in RFC 6749 section 5.2. [I]
    grant(contentType, body) {
      const mediaType = contentType?.split(';')[0]?.trim().toLowerCase();
      if (mediaType !== 'application/x-www-form-urlencoded') return refusal(400, 'invalid_request');
      const form = new URLSearchParams(body);
      const grantType = form.get('grant_type');
      if (grantType === null) return refusal(400, 'invalid_request');
      if (grantType !== 'client_credentials') return refusal(400, 'unsupported_grant_type');
      const known =
        form.get('client_id') === SANDBOX_CLIENT.id &&
        form.get('client_secret') === SANDBOX_CLIENT.secret;
      if (!known) return refusal(401, 'invalid_client');
      const token = `sandbox-jwt-${crypto.randomUUID()}`;
      expiresAtMs.set(token, now() + TOKEN_LIFETIME_S * 1000);
      const oldest = expiresAtMs.keys().next().value;
      if (expiresAtMs.size > TOKENS_MAX && oldest !== undefined) expiresAtMs.delete(oldest);
      return {
        status: 200,
        body: {
          access_token: token,
          token_type: 'bearer',
          expires_in: TOKEN_LIFETIME_S,
          scope: 'sp:scopes:all',
        },
      };
    },
  };
}

function refusal(status: 400 | 401, error: string): Grant {
  return { status, body: { error } };
}
