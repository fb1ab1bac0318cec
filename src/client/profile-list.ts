import { typed } from './answer.ts';
import type { CallOptions } from './call-options.ts';
import type { Profile } from './schemas.ts';

/** A page of profiles to ask for. */
export type ListOptions = CallOptions & {
  /** Most profiles of the page; the target's capabilities have the greatest. */
  readonly limit?: number;
  /** The `next` of the page before, with the same limit and filters. */
  readonly cursor?: string;
  /** Values by the names that the target's capabilities have. */
  readonly filters?: Readonly<Record<string, string>>;
};

/** One page of the profiles of a target. */
export type ProfilePage = {
  readonly profiles: readonly Profile[];
  /** Fields that each of them lacks beside a read. */
  readonly omitted: readonly string[];
  /** The target has left out profiles that no page shows. */
  readonly isTruncated: boolean;
  /** Absent: this is the last page. */
  readonly next?: string | undefined;
};

/** Returns the path of a page. */
export function listPath(
  target: string,
  { cursor, filters = {}, limit }: Omit<ListOptions, keyof CallOptions>,
): string {
  const query = new URLSearchParams({ target, ...filters });
  if (limit !== undefined) query.set('limit', String(limit));
  if (cursor !== undefined) query.set('cursor', cursor);
  return `/profiles?${query}`;
}

type Listed = {
  readonly profiles?: readonly Profile[];
  readonly omitted?: readonly string[];
  readonly truncated?: boolean;
  readonly next?: string;
};

/** Reads a page; undefined where the body is none. */
export function pageOf(body: unknown): ProfilePage | undefined {
  const { next, omitted = [], profiles, truncated = false } = typed<Listed>(body);
  return profiles && { profiles, omitted, isTruncated: truncated, next };
}
