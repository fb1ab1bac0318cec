import type { StoredProfile } from '../adapter-kit/index.ts';
import { profileKey } from '../routing/resolve.ts';
import type { Exchange } from '../upstream/exchange.ts';
import { readWithRetry } from '../upstream/send-with-retry.ts';
import type { Target } from '../upstream/target.ts';

/** A profile as an earlier write has reached it. */
export type ReachedProfile = {
  /** The key of the profile, as `profileKey` returns it. */
  readonly key: string;
  readonly target: string;
  readonly upstreamId: string;
};

/** Finds a target that reaches a profile now, the same if that does; undefined where none does. */
export function targetOf(
  { key, target: name, upstreamId }: ReachedProfile,
  targets: ReadonlyMap<string, Target>,
): Target | undefined {
  const reaches = (target: Target): boolean => profileKey({ target, upstreamId }) === key;
  const named = targets.get(name);
  if (named !== undefined && reaches(named)) return named;
  return [...targets.values()].find(reaches);
}

/** Reads a profile; undefined where that fails. */
export async function readNow(
  exchange: Exchange,
  upstreamId: string,
): Promise<StoredProfile | undefined> {
  const read = await readWithRetry(exchange, exchange.target.connection.read(upstreamId));
  return read.ok ? read.value : undefined;
}
