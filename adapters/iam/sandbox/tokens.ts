import * as z from 'zod/mini';
import { ACCOUNT, type SandboxCaller } from './account.ts';
import { answer, gatewayError, iamError, keystoneError } from './answers.ts';
import { readJson } from './rules.ts';

/** A token is valid for 24 hours (IAM API reference, Obtaining a User Token). */
export const TOKEN_LIFETIME_MS = 24 * 60 * 60 * 1000;
/** Most tokens that are remembered; beyond it the oldest one ends early. */
export const TOKENS_MAX = 10_000;
export const TOKEN_CHARACTERS_DEFAULT = 6_000;
/** The gateway in front rejects headers above 32 KB (API Gateway user guide, Error Codes). */
export const TOKEN_CHARACTERS_MAX = 32 * 1024;

/** Five wrong passwords within 15 minutes lock the user for 15 more (IAM user guide, Login
 * Authentication Policy, defaults). */
const WRONG_PASSWORDS_MAX = 5;
const LOCK_MS = 15 * 60 * 1000;

const Named = z.object({ id: z.optional(z.string()), name: z.optional(z.string()) });
const Credentials = z.object({
  auth: z.object({
    identity: z.object({
      methods: z.tuple([z.literal('password')]),
      password: z.object({
        user: z.extend(Named, { password: z.string(), domain: z.optional(Named) }),
      }),
    }),
    scope: z.optional(z.object({ domain: z.optional(Named), project: z.optional(Named) })),
  }),
});
type Scope = z.infer<typeof Credentials>['auth']['scope'];
type Named = z.infer<typeof Named>;

type Token = {
  readonly text: string;
  readonly scope: SandboxCaller['scope'];
  readonly expiresAtMs: number;
};

export type TokenSettings = {
  readonly now: () => number;
  /** Length of a token, at most `TOKEN_CHARACTERS_MAX`. */
  readonly tokenCharacters: number;
  readonly iamUrl: (request: Request) => string;
  /** The project that a scope names, among those that are no domain. */
  readonly findProject: (scope: Named) => Named | undefined;
};

/** `POST /v3/auth/tokens`, and the check of `X-Auth-Token`. */
export function createTokens({ now, tokenCharacters, iamUrl, findProject }: TokenSettings) {
  const tokens = new Map<string, Token>();
  let wrongPasswordsAtMs: number[] = [];
  let lockedUntilMs = 0;

  function remember(scope: SandboxCaller['scope']): Token {
    const id = crypto.randomUUID().replaceAll('-', '');
    const token = {
      text: tokenText(id, tokenCharacters),
      scope,
      expiresAtMs: now() + TOKEN_LIFETIME_MS,
    };
    tokens.set(id, token);
    for (const oldest of tokens.keys()) {
      if (tokens.size <= TOKENS_MAX) break;
      tokens.delete(oldest);
    }
    return token;
  }

  function wrongPassword(): Response {
    wrongPasswordsAtMs = [...wrongPasswordsAtMs.filter((atMs) => atMs > now() - LOCK_MS), now()];
    if (wrongPasswordsAtMs.length >= WRONG_PASSWORDS_MAX) {
      lockedUntilMs = now() + LOCK_MS;
      wrongPasswordsAtMs = [];
    }
    return keystoneError(401, 'The username or password is wrong.');
  }

  function issue(request: Request, body: Uint8Array<ArrayBuffer>): Response {
    const read = readJson(request, body);
    if (read instanceof Response) return read;
    const parsed = Credentials.safeParse(read.json);
    if (!parsed.success) return keystoneError(400, 'The auth object is invalid.');
    const { identity, scope } = parsed.data.auth;
    const { user } = identity.password;
    if (!isUser(user)) return keystoneError(401, 'The username or password is wrong.');
    if (now() < lockedUntilMs) return iamError(401, 'IAM.0061', 'The user is locked.');
    if (user.password !== ACCOUNT.password) return wrongPassword();
    const target = resolveScope(scope, findProject);
    if (target === undefined) return keystoneError(401, 'The scope is not available to the user.');
    const token = remember('project' in target ? 'project' : 'domain');
    const catalog = new URL(request.url).searchParams.has('nocatalog')
      ? {}
      : { catalog: catalogOf(iamUrl(request)) };
    return answer(201, tokenBody(token, target, catalog), { 'x-subject-token': token.text });
  }

  function check(text: string): SandboxCaller | Response {
    if (!text.startsWith('MII')) {
      return gatewayError(
        401,
        'APIGW.0301',
        'Incorrect IAM authentication information: decrypt token fail',
      );
    }
    const tokenId = text.slice(-TOKEN_ID_CHARACTERS);
    const token = tokens.get(tokenId);
    if (token === undefined || token.text !== text || now() >= token.expiresAtMs) {
      return gatewayError(401, 'APIGW.0307', 'The token must be updated.');
    }
    return { scope: token.scope, tokenId };
  }

  const revoke = (tokenId: string) => tokens.delete(tokenId);
  return { issue, check, revoke, revokeAll: () => tokens.clear() };
}

const TOKEN_ID_CHARACTERS = 32;

/** As long as a real PKI token, with the same beginning; only the end is unique. */
function tokenText(id: string, characters: number): string {
  const block = 'FzAYJKoZIhvcNAQcCoI-';
  const length = Math.max(0, Math.min(characters, TOKEN_CHARACTERS_MAX) - 'MII'.length - id.length);
  return `MII${block.repeat(Math.ceil(length / block.length)).slice(0, length)}${id}`;
}

function isUser(user: Named & { domain?: Named | undefined }): boolean {
  if (user.id !== undefined) return user.id === ACCOUNT.user.id;
  return user.name === ACCOUNT.user.name && isDomain(user.domain);
}

function isDomain(domain: Named | undefined): boolean {
  return domain?.id === undefined
    ? domain?.name === ACCOUNT.domain.name
    : domain.id === ACCOUNT.domain.id;
}

/** A project wins over a domain, and no scope means the domain (Obtaining a User Token). */
function resolveScope(
  scope: Scope,
  findProject: TokenSettings['findProject'],
): { project: object } | { domain: object } | undefined {
  if (scope?.project !== undefined) {
    const project = findProject(scope.project);
    return project && { project: { ...project, domain: ACCOUNT.domain } };
  }
  if (scope?.domain !== undefined && !isDomain(scope.domain)) return undefined;
  return { domain: ACCOUNT.domain };
}

function tokenBody(token: Token, target: object, catalog: object) {
  return {
    token: {
      ...target,
      ...catalog,
      expires_at: microseconds(token.expiresAtMs),
      issued_at: microseconds(token.expiresAtMs - TOKEN_LIFETIME_MS),
      methods: ['password'],
      roles: [{ id: '0', name: token.scope === 'domain' ? 'secu_admin' : 'te_admin' }],
      user: { ...ACCOUNT.user, domain: ACCOUNT.domain, password_expires_at: '' },
    },
  };
}

/** The catalog lists only `/v3`, for all regions (Obtaining a User Token, example). */
function catalogOf(iamUrl: string) {
  const id = 'b4c5d6e7f8091a2b3c4d5e6f70819203';
  const endpoint = { id, interface: 'public', region: '*', region_id: '*', url: `${iamUrl}/v3` };
  return [{ id, name: 'iam', type: 'identity', endpoints: [endpoint] }];
}

function microseconds(unixMs: number): string {
  return new Date(unixMs).toISOString().replace('Z', '000Z');
}
