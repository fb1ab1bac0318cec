import type { Change, StoredProfile } from '../adapter-kit/index.ts';
import { type Confirmation, confirm, equalExcept, readBackPointerOf } from './compare.ts';
import type { WriteState } from './write-state.ts';

/** Changes that the target accepted, by what was seen of them. */
export type ChangeBuckets = {
  readonly confirmed: readonly Change[];
  /** Surely not stored. */
  readonly notStored: readonly Change[];
  /** Neither can be shown. */
  readonly unconfirmed: readonly Change[];
};

type BucketRow = {
  /** The confirmation by the write's own response. */
  readonly response?: Confirmation;
  /** The confirmation by a read after all writes. */
  readonly read?: Confirmation;
  /** Apart from confirmed changes, the profile equals the initial one. */
  readonly otherwiseAsBefore?: true;
  readonly bucket: keyof ChangeBuckets;
};

/** The bucket of an accepted change after a read; the first row that fits decides. */
const BUCKET_OF_CHANGE: readonly BucketRow[] = [
  { read: 'confirmed', bucket: 'confirmed' },
  { response: 'contradicted', read: 'contradicted', bucket: 'notStored' },
  // Nothing else changed, so no other writer can have taken the value away again.
  { response: 'unconfirmed', read: 'contradicted', otherwiseAsBefore: true, bucket: 'notStored' },
  { bucket: 'unconfirmed' },
];

/** Sorts the accepted changes by what `profile`, read after all writes, shows of them. */
export function classifyByRead(state: WriteState, profile: StoredProfile): ChangeBuckets {
  const { accepted, initialProfile } = state;
  const read = confirmationsBy(state, profile);
  const confirmed = accepted.filter((_, i) => read[i] === 'confirmed');
  const excluding =
    confirmed.length === 0
      ? []
      : [...confirmed.map(({ change }) => readBackPointerOf(change)), '/updatedAt'];
  const asBefore =
    initialProfile !== undefined && equalExcept(excluding, initialProfile.content, profile.content);
  return bucketsOf(state, (response, i) => bucketAfterRead(response, read[i], asBefore));
}

function bucketAfterRead(
  response: Confirmation,
  read: Confirmation | undefined,
  asBefore: boolean,
): keyof ChangeBuckets {
  const row = BUCKET_OF_CHANGE.find(
    (candidate) =>
      (candidate.response === undefined || candidate.response === response) &&
      (candidate.read === undefined || candidate.read === read) &&
      (candidate.otherwiseAsBefore === undefined || asBefore),
  );
  return row?.bucket ?? 'unconfirmed';
}

/** Sorts the accepted changes by `confirmations` alone: without a read nothing is disproved. */
export function classifyByResponse(
  state: WriteState,
  confirmations: readonly Confirmation[],
): ChangeBuckets {
  return bucketsOf(state, (_, i) =>
    confirmations[i] === 'confirmed' ? 'confirmed' : 'unconfirmed',
  );
}

/** Compares every accepted change with `profile`. */
export function confirmationsBy(
  { accepted, initialProfile }: WriteState,
  profile: StoredProfile,
): Confirmation[] {
  return accepted.map(({ change }) => confirm(change, profile.content, initialProfile?.content));
}

function bucketsOf(
  { accepted }: WriteState,
  bucketAt: (response: Confirmation, index: number) => keyof ChangeBuckets,
): ChangeBuckets {
  const buckets: Record<keyof ChangeBuckets, Change[]> = {
    confirmed: [],
    notStored: [],
    unconfirmed: [],
  };
  for (const [i, { change, confirmation }] of accepted.entries()) {
    buckets[bucketAt(confirmation, i)].push(change);
  }
  return buckets;
}
