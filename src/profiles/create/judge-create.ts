import type { CreateDeclaration, Result, StoredProfile } from '../../adapter-kit/index.ts';
import type { StateStore } from '../../state/state-store.ts';
import type { Target } from '../../upstream/target.ts';
import type { CreateIntent } from '../../writes/create-intent.ts';
import type { ValueHash } from '../../writes/value-hash.ts';
import { comparableIntent, confirmIntended } from '../../writes/write-intent.ts';
import type { RecordedEnd } from '../write-record.ts';
import { keyOfCreated } from './create-record.ts';

/** A create whose end is not known. */
export type OpenCreate = {
  readonly intent: CreateIntent;
  readonly writeId: string;
  /** The key of its lease. */
  readonly key: string;
  /** Time for which the profile may still appear. */
  readonly inDoubtMs: number;
};

/** End of a create, with the profile where there is one. */
export type CreateEnd = { readonly end: RecordedEnd; readonly profile?: StoredProfile };

/**
 * Returns how a create ended, by the profiles of its trace that the target shows now; undefined
 * while another one may still appear. `found` is undefined where no search can find it.
 *
 * A profile that was there before the create was sent is not its own, nor is one of another create
 * that a list had not shown yet, nor one that shows another value than was sent. Where two could
 * be, neither is taken.
 */
export async function judgeCreate(
  { inDoubtMs, intent, key, writeId }: OpenCreate,
  found: Result<readonly StoredProfile[]> | undefined,
  { absence, repeat }: CreateDeclaration,
  fields: Target['fields'],
  hashOf: ValueHash,
  creatorOf: StateStore['creatorOf'],
): Promise<CreateEnd | undefined> {
  const compared = await comparableIntent({ ...intent }, hashOf);
  const pointers = intent.changes.map(({ pointer }) => pointer);
  const unknown = (reason: string): CreateEnd | undefined =>
    inDoubtMs > 0 ? undefined : { end: unknownCreate(reason, intent) };
  const notCreated = (code?: string): CreateEnd => ({
    end: {
      outcome: 'rejected',
      reason: 'not_applied',
      unconfirmed: [],
      notApplied: pointers,
      ...(code === undefined ? {} : { code }),
    },
  });
  if (intent.earlier === undefined) return notCreated();
  if (found === undefined) return unknown('not_comparable');
  if (!found.ok) return unknown('read_back_failed');
  const earlier = new Set(intent.earlier);
  const later = found.value.filter(({ upstreamId }) => !earlier.has(upstreamId));
  const creators = await Promise.all(
    later.map(({ upstreamId }) => creatorOf(keyOfCreated(key, upstreamId))),
  );
  if (creators.includes('unavailable')) return unknown('read_back_failed');
  const fresh = later.filter((_, i) => [undefined, writeId].includes(creators[i]));
  const compare = async (profile: StoredProfile) => ({
    profile,
    confirmations: await Promise.all(
      compared.changes.map((change) => confirmIntended(change, fields, profile.content, hashOf)),
    ),
  });
  const seen = await Promise.all(fresh.map(compare));
  const [own, ...others] = seen.filter(
    ({ confirmations }) => !confirmations.includes('contradicted'),
  );
  if (others.length > 0) return unknown('ambiguous');
  if (own !== undefined) {
    const { confirmations, profile } = own;
    if (!confirmations.includes('confirmed')) return unknown('not_comparable');
    const unconfirmed = pointers.filter((_, i) => confirmations[i] === 'unconfirmed');
    return { end: { outcome: 'applied', evidence: 'read_back', unconfirmed }, profile };
  }
  if (seen.length > 0) return unknown('conflicting_value');
  if (inDoubtMs > 0) return undefined;
  // The vendor has refused the name, which another profile had all the time.
  if (repeat === 'conflict' && found.value.length > 0) return notCreated('conflict');
  return absence === 'not_created' ? notCreated() : unknown('unproven');
}

/** Returns the end of a create that may have made a profile, or not. */
export function unknownCreate(
  reason: string,
  { changes }: Pick<CreateIntent, 'changes'>,
): RecordedEnd {
  const sent = changes.map(({ pointer }) => pointer);
  return { outcome: 'unknown', reason, unconfirmed: [], sent, code: 'outcome_unknown' };
}
