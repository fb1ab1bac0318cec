import {
  isList,
  isObject,
  type Json,
  type JsonObject,
  own,
  ownObject,
  ownText,
} from '../../../src/adapter-kit/json.ts';
import type { Projects } from './projects.ts';
import { schemaFault, typeFault } from './schema.ts';
import {
  APPLICATION_CREDENTIALS,
  type ApplicationCredential,
  DOMAIN,
  type Role,
  USERS,
  type User,
} from './seed.ts';
import { expecting, KeystoneFault, unauthenticated } from './wire.ts';

/** Keystone's default `[token] expiration`. */
const TOKEN_LIFETIME_MS = 3_600_000;
/** The oldest token is forgotten beyond this many. */
const TOKENS_MAX = 10_000;

export type Scope =
  | { readonly kind: 'unscoped' }
  | { readonly kind: 'project'; readonly projectId: string }
  | { readonly kind: 'domain' };

export type Token = {
  readonly id: string;
  readonly auditId: string;
  readonly method: 'password' | 'application_credential';
  readonly user: User;
  readonly scope: Scope;
  readonly roles: readonly Role[];
  readonly issuedAtMs: number;
  readonly expiresAtMs: number;
  readonly credential?: ApplicationCredential;
};

export type Tokens = {
  /** Issues a token for the body of `POST /v3/auth/tokens`, or throws the refusal. */
  readonly issue: (body: JsonObject) => Token;
  /** The token if it is neither revoked nor expired. */
  readonly find: (id: string) => Token | undefined;
  readonly revoke: (id: string) => void;
};

export function createTokens(projects: Projects, now: () => number): Tokens {
  const tokens = new Map<string, Token>();
  const find = (id: string): Token | undefined => {
    const token = tokens.get(id);
    if (token && token.expiresAtMs <= now()) tokens.delete(id);
    return tokens.get(id);
  };
  return {
    issue: (body) => {
      const token = newToken(body, projects, now());
      const [oldest] = tokens.keys();
      if (tokens.size >= TOKENS_MAX && oldest !== undefined) tokens.delete(oldest);
      tokens.set(token.id, token);
      return token;
    },
    find,
    revoke: (id) => tokens.delete(id),
  };
}

function newToken(body: JsonObject, projects: Projects, nowMs: number): Token {
  const auth = own(body, 'auth') ?? null;
  if (auth === null) throw expecting('auth', 'request body');
  checkShape(auth);
  const identity = ownObject(auth, 'identity') ?? {};
  const methods = own(identity, 'methods');
  const names = isList(methods) ? methods : [];
  for (const name of names) {
    if (typeof name === 'string' && !Object.hasOwn(identity, name)) {
      throw expecting(name, 'identity');
    }
  }
  const issuedAtMs = Math.floor(nowMs / 1000) * 1000;
  const common = {
    id: `gAAAAA${randomText(132)}`,
    auditId: randomText(16),
    issuedAtMs,
    expiresAtMs: issuedAtMs + TOKEN_LIFETIME_MS,
  };
  // Of Keystone's methods the sandbox has two, one at a time; anything else is refused.
  if (names.length === 1 && names[0] === 'application_credential') {
    return { ...common, ...byApplicationCredential(auth, identity, projects) };
  }
  const scope = requestedScope(isObject(auth) ? own(auth, 'scope') : undefined, projects);
  if (names.length !== 1 || names[0] !== 'password') throw unauthenticated();
  return { ...common, ...byPassword(identity, scope, projects) };
}

/** keystone/auth/schema.py, in its own order. */
function checkShape(auth: Json): void {
  if (!isObject(auth)) throw typeFault(auth, [], ['object']);
  if (!Object.hasOwn(auth, 'identity')) {
    throw schemaFault('required', [], auth, "'identity' is a required property");
  }
  const identity = own(auth, 'identity') ?? null;
  if (!isObject(identity)) throw typeFault(identity, ['identity'], ['object']);
  const methods = own(identity, 'methods');
  if (methods === undefined) {
    throw schemaFault('required', ['identity'], identity, "'methods' is a required property");
  }
  if (!isList(methods)) throw typeFault(methods, ['identity', 'methods'], ['array']);
  for (const [index, method] of methods.entries()) {
    if (typeof method !== 'string') {
      throw typeFault(method, ['identity', 'methods', index], ['string']);
    }
  }
  const scope = own(auth, 'scope');
  if (scope !== undefined && typeof scope !== 'string' && !isObject(scope)) {
    throw typeFault(scope, ['scope'], ['object', 'string']);
  }
  checkPart(identity, ['identity', 'password']);
  checkPart(ownObject(identity, 'password'), ['identity', 'password', 'user']);
  const user = ownObject(ownObject(identity, 'password'), 'user');
  checkPart(user, ['identity', 'password', 'user', 'domain']);
  checkPart(isObject(scope) ? scope : undefined, ['scope', 'project']);
  checkPart(ownObject(scope, 'project'), ['scope', 'project', 'domain']);
  checkPart(isObject(scope) ? scope : undefined, ['scope', 'domain']);
}

/** The last step of `path` in `parent` must be an object of texts that names something. */
function checkPart(parent: JsonObject | undefined, path: readonly string[]): void {
  const key = path.at(-1) ?? '';
  const part = parent === undefined ? undefined : own(parent, key);
  if (part === undefined) return;
  if (!isObject(part)) throw typeFault(part, path, ['object']);
  for (const member of ['id', 'name', 'password']) {
    const text = own(part, member);
    if (text !== undefined && typeof text !== 'string') {
      throw typeFault(text, [...path, member], ['string']);
    }
  }
  if (key === 'password' || Object.hasOwn(part, 'id') || Object.hasOwn(part, 'name')) return;
  const text = `Invalid input for field ${path.join('/')}: id or name must be present.`;
  throw new KeystoneFault(400, text);
}

/** keystone/auth/core.py AuthInfo; refusals compared with Keystone 22. */
function requestedScope(scope: Json | undefined, projects: Projects): Scope | undefined {
  if (scope === undefined) return undefined;
  if (scope === 'unscoped') return { kind: 'unscoped' };
  const kinds = isObject(scope)
    ? ['system', 'project', 'domain', 'OS-TRUST:trust', 'unscoped'].filter((kind) =>
        Object.hasOwn(scope, kind),
      )
    : [];
  if (kinds.length !== 1) {
    throw expecting('system, project, domain, OS-TRUST:trust or unscoped', 'scope');
  }
  if (kinds[0] === 'unscoped') return { kind: 'unscoped' };
  if (kinds[0] === 'domain') {
    if (!isSeededDomain(ownObject(scope, 'domain'))) throw unauthenticated();
    return { kind: 'domain' };
  }
  const wanted = kinds[0] === 'project' ? ownObject(scope, 'project') : undefined;
  if (wanted === undefined) throw unauthenticated();
  const projectId = ownText(wanted, 'id') ?? projectNamed(wanted, projects);
  const project = projectId === undefined ? undefined : projects.find(projectId);
  // transcript: scope the user has no role on; a disabled project is the same 401.
  if (projectId === undefined || !project || project.enabled === false) throw unauthenticated();
  return { kind: 'project', projectId };
}

function projectNamed(wanted: JsonObject, projects: Projects): string | undefined {
  const domain = ownObject(wanted, 'domain');
  if (domain === undefined) throw expecting('domain', 'project');
  return isSeededDomain(domain) ? projects.named(ownText(wanted, 'name') ?? '') : undefined;
}

function isSeededDomain(domain: JsonObject | undefined): boolean {
  const id = ownText(domain, 'id');
  return id === undefined ? ownText(domain, 'name') === DOMAIN.name : id === DOMAIN.id;
}

function byPassword(identity: JsonObject, wanted: Scope | undefined, projects: Projects) {
  const given = ownObject(ownObject(identity, 'password'), 'user');
  if (given === undefined) throw expecting('user', 'None');
  const user = userOf(given);
  if (user === undefined || ownText(given, 'password') !== user.password) throw unauthenticated();
  const scope = wanted ?? defaultScope(user, projects);
  const roles = rolesOf(user, scope);
  if (scope.kind !== 'unscoped' && roles.length === 0) throw unauthenticated();
  return { method: 'password', user, scope, roles } as const;
}

function userOf(given: JsonObject): User | undefined {
  const id = ownText(given, 'id');
  if (id !== undefined) return USERS.find((user) => user.id === id);
  const domain = ownObject(given, 'domain');
  if (domain === undefined) throw expecting('domain', 'user');
  const name = ownText(given, 'name');
  return isSeededDomain(domain) ? USERS.find((user) => user.name === name) : undefined;
}

/** Without a scope the user's default project counts (transcript: password token, no scope). */
function defaultScope(user: User, projects: Projects): Scope {
  const projectId = user.defaultProjectId;
  const project = projectId === undefined ? undefined : projects.find(projectId);
  return projectId === undefined || !project || project.enabled === false
    ? { kind: 'unscoped' }
    : { kind: 'project', projectId };
}

function rolesOf(user: User, scope: Scope): readonly Role[] {
  if (scope.kind === 'domain') return user.domainRoles;
  return scope.kind === 'project' ? (user.projectRoles[scope.projectId] ?? []) : [];
}

function byApplicationCredential(auth: Json, identity: JsonObject, projects: Projects) {
  // transcript: application credential token, with a scope in the request. Before the secret.
  if (isObject(auth) && Object.hasOwn(auth, 'scope')) {
    const text = 'Application credentials cannot request a scope.';
    throw new KeystoneFault(401, `Error authenticating with application credential: ${text}`, {
      identity: {},
    });
  }
  const given = ownObject(identity, 'application_credential') ?? {};
  const id = ownText(given, 'id');
  if (id === undefined && ownText(given, 'name') === undefined) {
    throw expecting('name or ID', 'application credential');
  }
  const user = id === undefined ? userOf(ownObject(given, 'user') ?? {}) : undefined;
  const credential = APPLICATION_CREDENTIALS.find((candidate) =>
    id === undefined
      ? candidate.userId === user?.id && candidate.name === ownText(given, 'name')
      : candidate.id === id,
  );
  if (credential === undefined && id !== undefined) {
    throw new KeystoneFault(404, `Could not find Application Credential: ${id}.`);
  }
  const owner = USERS.find((candidate) => candidate.id === credential?.userId);
  const secret = own(given, 'secret');
  if (secret !== undefined && typeof secret !== 'string') throw expecting('string', 'password');
  if (!credential || !owner || secret !== credential.secret) throw unauthenticated();
  if (projects.find(credential.projectId)?.enabled !== true) throw unauthenticated();
  return {
    method: 'application_credential',
    user: owner,
    scope: { kind: 'project', projectId: credential.projectId },
    roles: credential.roles,
    credential,
  } as const;
}

/** `bytes` random bytes as text that a header can carry. */
function randomText(bytes: number): string {
  const raw = crypto.getRandomValues(new Uint8Array(bytes));
  return btoa(String.fromCharCode(...raw))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');
}
