import type { Pattern } from '../routing/pattern.ts';
import type { Rate } from './rate-limiter.ts';

export const SCOPES = [
  'profiles:read',
  'profiles:write',
  'profiles:create',
  'profiles:delete',
  'admin:read',
  'admin',
] as const;

export type Scope = (typeof SCOPES)[number];

/** Returns `scopes` with those that they include: who may change the gateway may look at it. */
export function withIncluded(scopes: Iterable<Scope>): ReadonlySet<Scope> {
  const all = new Set(scopes);
  return all.has('admin') ? all.add('admin:read') : all;
}

/** A service that calls the gateway, and what it may do. */
export type Caller = {
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** The names of targets that it may use; undefined: all. */
  readonly targets?: readonly Pattern[] | undefined;
  /** Pointers below which it may write; undefined: everything but sensitive fields. */
  readonly fields?: ReadonlySet<string> | undefined;
  /** Undefined: as often as it likes. */
  readonly rate?: Rate | undefined;
  /** Most requests in flight at once; undefined: what every caller may have. */
  readonly maxConcurrentRequests?: number | undefined;
  /** Undefined: what every caller may send. */
  readonly bodyBytesMax?: number | undefined;
};
