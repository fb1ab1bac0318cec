import {
  allOf,
  type Change,
  isObject,
  optional,
  type StoredProfile,
} from '../adapter-kit/index.ts';
import type { Ports } from '../ports.ts';
import type { LinkTargets } from '../state/control/control-rows.ts';
import type { LeaseName, ReceiptRow } from '../state/state-database.ts';
import type { StateStore } from '../state/state-store.ts';
import type { StepRecord } from '../telemetry/log.ts';
import type { WriteOutcome } from '../writes/outcome.ts';
import { createValueHash, hashKeyId, type ValueHash } from '../writes/value-hash.ts';
import { type IntendedChange, intended, type WriteIntent } from '../writes/write-intent.ts';
import type { KeyedRequest, PatchRequest } from './patch-request.ts';

/** Key of hashes in a state without one: they stand only in what is sealed. */
const SEALED_HASH_KEY = 'sealed';

/** Returns the key of the hashes that stand for values. */
export function hashKeyOf({ hashKey }: Pick<StateStore, 'hashKey'>): string {
  return hashKey ?? SEALED_HASH_KEY;
}

/** The part of a request that the record of its write shows. */
export type RecordedRequest = Pick<
  PatchRequest,
  'caller' | 'id' | 'idempotency' | 'requestId' | 'resolved' | 'version'
> & {
  /** The profile is deleted. */
  readonly deletes?: true;
};

/** Record of one write, for a state that outlives the process and for repeats of its request. */
export type WriteRecord = {
  /** The intent as JSON, before anything is read. */
  readonly intent: string;
  /** The intent as JSON once the profile was read; `isResent`: the write is sent again. */
  readonly afterRead: (
    before: StoredProfile,
    changes: readonly Change[],
    isResent: boolean,
    accepted?: readonly string[],
  ) => Promise<string>;
  /** The intent as JSON, as it was last. */
  readonly current: () => string;
  readonly receipt: (
    lease: LeaseName,
    end: RecordedEnd,
    steps: readonly StepRecord[],
  ) => ReceiptRow;
};

/** End of a write, as far as its receipt says it. */
export type RecordedEnd = Pick<WriteOutcome, 'outcome' | 'unconfirmed'> & {
  readonly evidence?: string;
  readonly reason?: string;
  readonly code?: string;
  readonly applied?: readonly string[];
  readonly notApplied?: readonly string[];
  readonly sent?: readonly string[];
  /** Links that led to a profile that was deleted, as they were. */
  readonly unlinked?: Readonly<Record<string, LinkTargets>>;
};

/** Reports whether a write ends as unknown only since nothing could be read. */
export function isUnread({ reason }: RecordedEnd): true | undefined {
  return reason === 'read_back_failed' ? true : undefined;
}

/** The part of a receipt that no query asks for. */
export type ReceiptBody = RecordedEnd & {
  readonly fence: number;
  readonly requestId: string;
  readonly rule?: string;
  readonly version: string;
  readonly upstreamId: string;
  readonly changes: readonly IntendedChange[];
  /** Id of the key of all hashes in it. */
  readonly hashKeyId?: string;
  /** Hash of the profile before the write, where it was read. */
  readonly before?: string;
  readonly steps: readonly StepRecord[];
  /** The replica that has closed the write of another one. */
  readonly recoveredBy?: string;
};

/** Creates the record of a write, whose values are hashed with `hashKey`. */
export async function createWriteRecord(
  { digests }: Pick<Ports, 'digests'>,
  hashKey: string,
  request: RecordedRequest,
  changes: readonly Change[],
): Promise<WriteRecord> {
  const hashOf = createValueHash(digests, hashKey);
  const keyId = await hashKeyId(hashOf);
  const planned = await allOf(changes.map((change) => intended(change, undefined, hashOf)));
  const common = { ...announced(request), hashKeyId: keyId };
  const known = new Map(changes.map((change, i) => [change, planned[i]]));
  /** Only an object means another value once the profile that it merges into is known. */
  const merged = (change: Change, before: StoredProfile) =>
    (isObject(change.value) ? undefined : known.get(change)) ?? intended(change, before, hashOf);
  let intent: WriteIntent = { ...common, changes: planned };
  return {
    intent: JSON.stringify(intent),
    afterRead: async (before, fitting, isResent, accepted = []) => {
      intent = {
        ...common,
        changes: await allOf(fitting.map((change) => merged(change, before))),
        before: await profileHash(before, hashOf),
        ...(isResent ? { isResent } : {}),
        ...(accepted.length > 0 && { accepted: [...accepted] }),
      };
      return JSON.stringify(intent);
    },
    current: () => JSON.stringify(intent),
    receipt: (lease, end, steps) => writeReceipt(intent, lease, { ...end, steps }),
  };
}

/** Hashes a whole profile, for the proof that nothing in it has changed. */
export function profileHash({ content }: StoredProfile, hashOf: ValueHash) {
  return hashOf('', content);
}

/** Returns the receipt of the write that `intent` announced. */
export function writeReceipt(
  intent: WriteIntent,
  { fence, key, writeId }: LeaseName,
  end: RecordedEnd & Pick<ReceiptBody, 'steps' | 'recoveredBy'>,
): ReceiptRow {
  const { caller = '', changes, id, requestId, rule, target, upstreamId, version } = intent;
  const body: ReceiptBody = {
    ...end,
    fence,
    requestId,
    ...optional('rule', rule),
    version,
    upstreamId,
    changes,
    ...optional('hashKeyId', intent.hashKeyId),
    ...optional('before', intent.before),
  };
  const { outcome } = end;
  const kind = intent.deletes === true ? 'delete' : 'write';
  return { kind, writeId, key, id, target, caller, outcome, body: JSON.stringify(body) };
}

function announced(request: RecordedRequest): Omit<WriteIntent, 'changes'> {
  const { caller, deletes, id, idempotency, requestId, resolved, version } = request;
  const { rule, target, upstreamId } = resolved;
  return {
    form: 1,
    ...optional('deletes', deletes),
    target: target.name,
    upstreamId,
    id,
    ...optional('caller', caller?.name),
    requestId,
    ...optional('rule', rule),
    version,
    settleMs: target.settleMs,
    ...optional('idempotency', idempotency && digestsOf(idempotency)),
  };
}

function digestsOf({ key: { fingerprint, keyHash } }: KeyedRequest) {
  return { keyHash, fingerprint };
}
