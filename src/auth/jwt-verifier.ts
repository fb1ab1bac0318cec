import { decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { JWT_CLOCK_TOLERANCE_SECONDS } from '../limits.ts';
import type { Pattern } from '../routing/pattern.ts';
import { type Caller, type Scope, withIncluded } from './caller.ts';
import { type KeyPorts, type KeySource, type KeySources, KeysUnavailable } from './jwks-cache.ts';

/** Which tokens belong to a caller, and what they let it do. */
export type TokenRule = {
  /** Its scopes are the most that a token can give. */
  readonly caller: Caller;
  readonly jwksUrl: string;
  readonly issuer: string;
  readonly audience: string;
  /** The claim that lists scopes: words of a text (RFC 8693), or a list of texts. */
  readonly scopeClaim: string;
  /** Our scopes by the issuer's names of them. */
  readonly scopeNames: ReadonlyMap<string, Scope>;
  /** Claims that must match. */
  readonly match: readonly { readonly claim: string; readonly pattern: Pattern }[];
};

/** `undecided`: the keys that would decide cannot be fetched. */
export type Verdict = { readonly caller: Caller | undefined; readonly undecided: boolean };

export type TokenVerifier = (token: string, ports: KeyPorts) => Promise<Verdict>;

/**
 * Signatures by private keys only: what an issuer publishes must never be enough to sign, as it
 * would be with HMAC, and `none` signs nothing.
 */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];

/** Callers whose tokens are proven alike: one signature is checked for all of them. */
type Group = {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: KeySource;
  readonly rules: TokenRule[];
};

/** The verifier of all callers with tokens. Of those whom a token fits, the first is its caller. */
export function createTokenVerifier(
  rules: readonly TokenRule[],
  keysAt: KeySources,
): TokenVerifier {
  const groups = groupsOf(rules, keysAt);
  return async (token, ports) => {
    const issuer = issuerOf(token);
    let undecided = false;
    for (const group of groups) {
      if (group.issuer !== issuer) continue;
      const proven = await prove(token, group, ports);
      if (proven === 'undecided') undecided = true;
      else if (proven !== undefined) {
        const rule = group.rules.find(({ match }) => fits(match, proven));
        if (rule !== undefined) return { caller: callerWith(rule, proven), undecided: false };
      }
    }
    return { caller: undefined, undecided };
  };
}

function groupsOf(rules: readonly TokenRule[], keysAt: KeySources): Group[] {
  const groups = new Map<string, Group>();
  for (const rule of rules) {
    const { audience, issuer, jwksUrl } = rule;
    const key = JSON.stringify([jwksUrl, issuer, audience]);
    const group = groups.get(key) ?? { issuer, audience, keys: keysAt(jwksUrl), rules: [] };
    group.rules.push(rule);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Returns the issuer that a token names; not proven, it only chooses the keys to prove it by. */
function issuerOf(token: string): string | undefined {
  try {
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

/** The claims of a token whose signature, issuer, audience and time are right. */
async function prove(
  token: string,
  { audience, issuer, keys }: Group,
  ports: KeyPorts,
): Promise<JWTPayload | 'undecided' | undefined> {
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys.keyGetter(ports), {
      issuer,
      audience,
      algorithms: ALGORITHMS,
      clockTolerance: JWT_CLOCK_TOLERANCE_SECONDS,
      currentDate: new Date(ports.now()),
      requiredClaims: ['exp'],
    });
    return isAccessToken(protectedHeader.typ) ? payload : undefined;
  } catch (error) {
    // Whatever else is wrong with a token, it proves nothing.
    return error instanceof KeysUnavailable ? 'undecided' : undefined;
  }
}

/**
 * Reports whether `typ` is that of an access token (RFC 9068), or says no more than that the token
 * is a JWT (RFC 7519, 5.1): an issuer signs logout tokens and others by the same keys.
 */
function isAccessToken(typ: unknown): boolean {
  if (typ === undefined) return true;
  return typeof typ === 'string' && /^(?:application\/)?(?:jwt|at\+jwt)$/i.test(typ);
}

function fits(match: TokenRule['match'], claims: JWTPayload): boolean {
  return match.every(({ claim, pattern }) => {
    const value = claimOf(claims, claim);
    return typeof value === 'string' && pattern.matches(value);
  });
}

/** The caller with those of its scopes that the token gives. */
function callerWith({ caller, scopeClaim, scopeNames }: TokenRule, claims: JWTPayload): Caller {
  const claimed = claimOf(claims, scopeClaim);
  const words: readonly unknown[] =
    typeof claimed === 'string' ? claimed.split(' ') : Array.isArray(claimed) ? claimed : [];
  const given = withIncluded(
    words.flatMap((word) => (typeof word === 'string' ? (scopeNames.get(word) ?? []) : [])),
  );
  return { ...caller, scopes: new Set([...caller.scopes].filter((scope) => given.has(scope))) };
}

function claimOf(claims: JWTPayload, claim: string): unknown {
  return Object.hasOwn(claims, claim) ? claims[claim] : undefined;
}
