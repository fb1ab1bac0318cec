import {
  type Change,
  fieldValue,
  type Json,
  type JsonObject,
  jsonEqual,
  type StoredProfile,
  valueAt,
} from '../adapter-kit/index.ts';
import { type Confirmation, confirm, equalExcept, readBackPointerOf } from './compare.ts';
import type { Movement } from './vendor-timeline.ts';
import type { WriteState } from './write-state.ts';

/** Changes that the target accepted, by what was seen of them. */
export type ChangeBuckets = {
  readonly confirmed: readonly Change[];
  /** Surely not stored. */
  readonly notStored: readonly Change[];
  /** The profile shows neither the old value nor the intended one. */
  readonly conflicting: readonly Change[];
  /** Neither can be shown. */
  readonly unconfirmed: readonly Change[];
};

type BucketRow = {
  /** The confirmation by a read after all writes. */
  readonly read: Confirmation;
  /** The profile shows the old value, and nothing but changes that are stored differs. */
  readonly isAsBefore?: true;
  readonly bucket: keyof ChangeBuckets;
};

/** The bucket of an accepted change after a read: that of the first row that fits, if any. */
const BUCKET_OF_CHANGE: readonly BucketRow[] = [
  { read: 'confirmed', bucket: 'confirmed' },
  { read: 'contradicted', isAsBefore: true, bucket: 'notStored' },
  { read: 'contradicted', bucket: 'conflicting' },
];

/**
 * Sorts the accepted changes by what `profile`, read after all writes, shows of them; `movement`
 * is that of the profile since before the writes.
 */
export function classifyByRead(
  state: WriteState,
  profile: StoredProfile,
  movement: Movement,
): ChangeBuckets {
  const read = confirmationsBy(state, profile);
  const isAsBefore = isUntouched(state, profile, movement, read);
  return bucketsOf(state, (i) => {
    const row = BUCKET_OF_CHANGE.find(
      (candidate) =>
        candidate.read === read[i] && (candidate.isAsBefore === undefined || isAsBefore),
    );
    return row?.bucket ?? 'unconfirmed';
  });
}

/**
 * Reports whether what the read contradicts left no trace: its old value is shown, and no other
 * writer can have brought it back, since all else is as it was before, or as it was intended. A
 * value that the response showed and the read contradicts is another writer's work, who may have
 * brought back any other, or the read is an old copy of the profile.
 */
function isUntouched(
  { accepted, initialProfile }: WriteState,
  profile: StoredProfile,
  movement: Movement,
  read: readonly Confirmation[],
): boolean {
  const isUndone = accepted.some(
    ({ confirmation }, i) => confirmation === 'confirmed' && read[i] === 'contradicted',
  );
  if (isUndone) return false;
  if (initialProfile === undefined) return movement === 'unmoved';
  const { content: before } = initialProfile;
  const isOld = (change: Change): boolean =>
    jsonEqual(shownValue(change, before), shownValue(change, profile.content));
  const changed = [...accepted.map(({ change }) => readBackPointerOf(change)), '/updatedAt'];
  return (
    equalExcept(changed, before, profile.content) &&
    accepted.every(({ change }, i) => read[i] !== 'contradicted' || isOld(change))
  );
}

/** Returns what stands where a change is seen in an answer. */
function shownValue({ field, key }: Change, content: JsonObject): Json | undefined {
  const { readBackPointer } = field;
  if (readBackPointer !== undefined) return valueAt(content, readBackPointer);
  return fieldValue(field, key, content);
}

/** Sorts the accepted changes by `confirmations` alone: only a read can show what is not stored. */
export function classifyByResponse(
  state: WriteState,
  confirmations: readonly Confirmation[],
): ChangeBuckets {
  return bucketsOf(state, (i) => bucketByResponse(confirmations[i]));
}

function bucketByResponse(confirmation: Confirmation | undefined): keyof ChangeBuckets {
  if (confirmation === 'confirmed') return 'confirmed';
  return confirmation === 'contradicted' ? 'conflicting' : 'unconfirmed';
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
  bucketAt: (index: number) => keyof ChangeBuckets,
): ChangeBuckets {
  const buckets: Record<keyof ChangeBuckets, Change[]> = {
    confirmed: [],
    notStored: [],
    conflicting: [],
    unconfirmed: [],
  };
  for (const [i, { change }] of accepted.entries()) buckets[bucketAt(i)].push(change);
  return buckets;
}
