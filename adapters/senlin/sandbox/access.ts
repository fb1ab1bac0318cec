import { type Identity, identityOf } from '../../keystone/sandbox/index.ts';
import type { Token } from '../../keystone/sandbox/tokens.ts';
import type { SandboxOptions } from '../../sandbox-kit/sandbox.ts';
import type { Caller } from './profiles.ts';
import { SenlinFault, unauthenticatedAnswer, webobAnswer } from './wire.ts';

/** keystonemiddleware `token_cache_time`: a revoked token works on as long (transcript). */
const TOKEN_CACHE_MS = 300_000;
const TOKENS_CACHED_MAX = 10_000;

/** The caller of a request, or the answer of the middleware that refused it. */
export type Access = (request: Request) => Caller | Response;

/**
 * Senlin's pipeline between version negotiation and the routes: auth_token, then trust. No path is
 * looked at before both agree, so an unknown one without a token is a 401.
 */
export function createAccess(options: SandboxOptions): Access {
  const cached = new Map<string, { readonly token: Token; readonly untilMs: number }>();
  const trusted = new Set<string>();
  const validate = (identity: Identity, id: string): Token | undefined => {
    const known = cached.get(id);
    if (known && known.untilMs > options.now()) {
      return known.token.expiresAtMs > options.now() ? known.token : undefined;
    }
    const token = identity.validate(id);
    cached.delete(id);
    if (token === undefined) return undefined;
    const [oldest] = cached.keys();
    if (cached.size >= TOKENS_CACHED_MAX && oldest !== undefined) cached.delete(oldest);
    cached.set(id, { token, untilMs: options.now() + TOKEN_CACHE_MS });
    return token;
  };
  return (request) => {
    const identity = identityOf(options.peer('keystone'));
    if (identity === undefined) throw new Error('the Senlin sandbox needs the Keystone sandbox');
    const token = validate(identity, request.headers.get('x-auth-token') ?? '');
    if (token === undefined) {
      return unauthenticatedAnswer(`${new URL(request.url).origin}${identity.basePath}`);
    }
    if (token.scope.kind !== 'project') {
      // transcript: unscoped token, domain-scoped token.
      const accept = request.headers.get('accept') ?? '';
      return webobAnswer(400, "Field `project' cannot be None", accept);
    }
    const { projectId } = token.scope;
    requireTrust(token, `${token.user.id} ${projectId}`, trusted);
    const isAdmin = token.roles.some((role) => role.name === 'admin');
    return { userId: token.user.id, projectId, isAdmin };
  };
}

/**
 * senlin/api/middleware/trust.py: the first call of a user in a project makes a trust, which
 * Keystone refuses to an application credential; later calls find it stored (transcript: trusts
 * and application credentials).
 */
function requireTrust(token: Token, key: string, trusted: Set<string>): void {
  if (trusted.has(key)) return;
  if (token.method === 'application_credential') {
    throw new SenlinFault(
      500,
      'InternalError',
      'You are not authorized to perform the requested action: Using a delegated token to create ' +
        `another token is not allowed.. (HTTP 403) (Request-ID: req-${crypto.randomUUID()})`,
    );
  }
  trusted.add(key);
}
