import { type Adapter, type Digests, type Field, settingsPath } from '../adapter-kit/index.ts';
import { type Caller, SCOPES, withIncluded } from '../auth/caller.ts';
import { type CallerBook, type CallerKeys, createCallerBook } from '../auth/caller-registry.ts';
import type { KeySources } from '../auth/jwks-cache.ts';
import { createTokenVerifier, type TokenRule } from '../auth/jwt-verifier.ts';
import { compilePattern } from '../routing/pattern.ts';
import { type CallerSettings, callerSchema, type JwtSettings } from './caller-schema.ts';
import { type Diagnostics, type Entries, isMap, join, warnOfSecret } from './diagnostics.ts';
import { isLoopbackHost } from './loopback.ts';
import { nameSchema } from './schema.ts';

export type CallersOptions = {
  readonly adapters: readonly Adapter[];
  readonly digests: Digests;
  /** The names of all targets of the document. */
  readonly targets: readonly string[];
  /** Source of the keys of issuers. */
  readonly keysAt: KeySources;
};

/** The book of all callers that could be read; problems of the others are reported. */
export async function readCallers(
  entries: Entries,
  { adapters, digests, keysAt, targets }: CallersOptions,
  diagnostics: Diagnostics,
): Promise<CallerBook> {
  const callers: CallerKeys[] = [];
  const tokens: TokenRule[] = [];
  const pathsByHash = new Map<string, string>();
  const pathsByToken = new Map<string, string>();
  const fields = adapters.flatMap(({ fieldSets }) => fieldSets.flatMap((set) => set.fields));
  for (const [name, entry] of Object.entries(entries)) {
    const path = settingsPath(['callers', name]);
    diagnostics.check(nameSchema(), name, path);
    const settings = diagnostics.check(callerSchema(), entry, path);
    const keys = configuredKeysOf(entry, path);
    if (isMap(entry) && CREDENTIALS.filter((way) => Object.hasOwn(entry, way)).length !== 1) {
      diagnostics.error(path, 'must have one of key, keys and jwt');
    }
    for (const { at, key } of keys) {
      const hash = isHash(key) ? key : HASH_PREFIX + (await digests.sha256Hex(key));
      reportTwin(pathsByHash, hash, at, 'is the same key as', diagnostics);
      if (!isHash(key)) warnOfSecret(diagnostics, at, key);
    }
    if (settings === undefined) continue;
    const caller = callerOf(name, settings);
    checkTargets(settings, targets, path, diagnostics);
    checkFields(settings, fields, path, diagnostics);
    checkScopes(settings, path, diagnostics);
    callers.push({ caller, keys: keys.map(({ key }) => key) });
    if (settings.jwt === undefined) continue;
    const at = join(path, 'jwt');
    checkJwt(settings.jwt, at, diagnostics);
    const { audience, issuer, jwksUrl, match } = settings.jwt;
    const sameTokens = JSON.stringify([jwksUrl, issuer, audience, Object.entries(match).sort()]);
    reportTwin(pathsByToken, sameTokens, at, 'takes the same tokens as', diagnostics);
    tokens.push(tokenRule(caller, settings.jwt));
  }
  const verify = tokens.length === 0 ? undefined : createTokenVerifier(tokens, keysAt);
  return createCallerBook(callers, digests, verify);
}

const CREDENTIALS = ['key', 'keys', 'jwt'];
const HASH_PREFIX = 'sha256:';

function isHash(key: string): boolean {
  return key.startsWith(HASH_PREFIX);
}

/** Every key of a caller with its place, also of a caller that cannot be used. */
function configuredKeysOf(
  entry: unknown,
  path: string,
): { readonly at: string; readonly key: string }[] {
  if (!isMap(entry)) return [];
  const { key, keys } = entry;
  const places: [string, unknown][] = [[join(path, 'key'), key]];
  if (Array.isArray(keys)) {
    places.push(...keys.map((item, i): [string, unknown] => [join(path, `keys.${i}`), item]));
  }
  return places.flatMap(([at, value]) => (typeof value === 'string' ? [{ at, key: value }] : []));
}

function callerOf(name: string, settings: CallerSettings): Caller {
  const { fields, limits, scopes, targets } = settings;
  const perSecond = limits?.requestsPerSecond;
  return {
    name,
    scopes: withIncluded(scopes),
    targets: targets?.map((glob) => compilePattern(glob, 'glob')),
    fields: fields && new Set(fields.allow),
    rate:
      perSecond === undefined
        ? undefined
        : { requestsPerSecond: perSecond, burst: limits?.burst ?? Math.ceil(perSecond) },
    maxConcurrentRequests: limits?.maxConcurrentRequests,
    bodyBytesMax: limits?.bodyBytesMax,
  };
}

function tokenRule(caller: Caller, settings: JwtSettings): TokenRule {
  const { audience, issuer, jwksUrl, match, scopeClaim, scopeNames } = settings;
  return {
    caller,
    jwksUrl,
    issuer,
    audience,
    scopeClaim,
    scopeNames: new Map(
      scopeNames === undefined ? SCOPES.map((scope) => [scope, scope]) : Object.entries(scopeNames),
    ),
    match: Object.entries(match).map(([claim, glob]) => {
      return { claim, pattern: compilePattern(glob, 'glob') };
    }),
  };
}

/** Keys from a place that others can change would let those others sign. */
function checkJwt(
  { allowInsecureHttp, jwksUrl }: JwtSettings,
  path: string,
  diagnostics: Diagnostics,
): void {
  const { hostname, protocol } = new URL(jwksUrl);
  if (protocol === 'https:' || allowInsecureHttp || isLoopbackHost(hostname)) return;
  const message =
    'uses http to a host that is not loopback: use https or set allowInsecureHttp: true';
  diagnostics.error(join(path, 'jwksUrl'), message);
}

/** A name must be there; a glob that fits none today may fit one tomorrow. */
function checkTargets(
  { targets }: CallerSettings,
  names: readonly string[],
  path: string,
  diagnostics: Diagnostics,
): void {
  for (const [i, glob] of (targets ?? []).entries()) {
    const { exact, matches } = compilePattern(glob, 'glob');
    if (names.some(matches)) continue;
    const at = join(path, `targets.${i}`);
    if (exact) diagnostics.error(at, 'names no target');
    else diagnostics.warning(at, 'fits no target');
  }
}

/** A slip in a pointer would forbid in silence what was meant to be allowed. */
function checkFields(
  { fields }: CallerSettings,
  known: readonly Field[],
  path: string,
  diagnostics: Diagnostics,
): void {
  for (const [i, pointer] of (fields?.allow ?? []).entries()) {
    const leads = known.some(
      ({ map, pointer: field }) =>
        `${field}/`.startsWith(`${pointer}/`) ||
        (map !== undefined && pointer.startsWith(`${field}/`)),
    );
    if (!leads)
      diagnostics.warning(join(path, `fields.allow.${i}`), 'names no field of any vendor');
  }
}

/** A scope beside one that includes it restricts nothing, whatever its writer meant. */
function checkScopes({ scopes }: CallerSettings, path: string, diagnostics: Diagnostics): void {
  const at = scopes.indexOf('admin:read');
  if (at < 0 || !scopes.includes('admin')) return;
  diagnostics.warning(join(path, `scopes.${at}`), 'is included in admin');
}

function reportTwin(
  paths: Map<string, string>,
  what: string,
  path: string,
  message: string,
  diagnostics: Diagnostics,
): void {
  const first = paths.get(what);
  if (first === undefined) paths.set(what, path);
  else diagnostics.error(path, `${message} ${first}`);
}
