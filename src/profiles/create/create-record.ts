import {
  type Change,
  type JsonObject,
  optional,
  own,
  type StoredProfile,
} from '../../adapter-kit/index.ts';
import type { Ports } from '../../ports.ts';
import { profileKey } from '../../routing/resolve.ts';
import type { LinkTargets } from '../../state/control/control-rows.ts';
import type { LeaseName, ReceiptRow } from '../../state/state-database.ts';
import type { ProfileKeys } from '../../state/state-store.ts';
import type { StepRecord } from '../../telemetry/log.ts';
import type { Target } from '../../upstream/target.ts';
import { type CreateIntent, sealTrace } from '../../writes/create-intent.ts';
import { createValueHash, hashKeyId } from '../../writes/value-hash.ts';
import { intended } from '../../writes/write-intent.ts';
import { hashKeyOf, type RecordedEnd } from '../write-record.ts';
import type { CreateRequest } from './create-request.ts';

/** Longest time in which an unanswered create may still appear, as the target is configured. */
export function createSettleMs({ connection, settleMs }: Target): number {
  return Math.max(settleMs, connection.create?.settleMs ?? 0);
}

/** A new profile has nothing that its members merge into. */
export const NEW_PROFILE_BEFORE: StoredProfile = { upstreamId: '', content: {} };

/** Returns the intent of a create that was not sent yet, its values hashed and its trace sealed. */
export async function createIntentOf(
  { digests, state }: Pick<Ports, 'digests' | 'state'>,
  request: CreateRequest,
  changes: readonly Change[],
  trace: JsonObject | undefined,
  below: LinkTargets,
): Promise<CreateIntent> {
  const hashKey = hashKeyOf(state);
  const hashOf = createValueHash(digests, hashKey);
  const { caller, id, idempotency, requestId, target, version } = request;
  const { fingerprint, keyHash } = idempotency?.key ?? {};
  const [keyId, sealed, ...hashed] = await Promise.all([
    hashKeyId(hashOf),
    trace === undefined ? undefined : sealTrace(trace, hashKey),
    ...changes.map((change) => intended(change, NEW_PROFILE_BEFORE, hashOf)),
  ]);
  return {
    form: 2,
    target: target.name,
    ...optional('id', id),
    ...(Object.keys(below).length === 0 ? {} : { below }),
    ...optional('caller', caller?.name),
    requestId,
    version,
    settleMs: createSettleMs(target),
    hashKeyId: keyId,
    changes: hashed,
    ...(keyHash === undefined || fingerprint === undefined
      ? {}
      : { idempotency: { keyHash, fingerprint } }),
    ...optional('trace', sealed),
  };
}

/** The parts of a create that its lease is named by. */
export type NamedCreate = {
  readonly trace: JsonObject | undefined;
  readonly changes: readonly Pick<Change, 'pointer' | 'value'>[];
  /** Digest of its idempotency key; undefined: it has none. */
  readonly keyHash: string | undefined;
};

/**
 * Returns the key under which creates of one trace wait for each other, which no profile has, and
 * the one from before the configuration was changed.
 * Those of one name do, whatever else a search goes by. Without a trace those of one idempotency
 * key do, or else those of the same values.
 */
export async function createKeys(
  ports: Ports,
  { formerNamespace, writeNamespace }: Target,
  named: NamedCreate,
): Promise<ProfileKeys> {
  const name = await leaseName(ports, named);
  return {
    key: keyPrefix(writeNamespace) + name,
    formerKey: formerNamespace === undefined ? undefined : keyPrefix(formerNamespace) + name,
  };
}

async function leaseName(
  { digests, handOver, isBehindFront, state }: Ports,
  { changes, keyHash, trace }: NamedCreate,
): Promise<string> {
  if (trace === undefined && keyHash !== undefined) return keyHash;
  // Front and object of a Worker must agree, and the front knows no key of hashes.
  const isSplit = handOver !== undefined || isBehindFront === true;
  const hashOf = createValueHash(digests, hashKeyOf(isSplit ? {} : state));
  return trace === undefined
    ? hashOf('create without a trace', namedValues(changes))
    : hashOf('create', own(trace, 'name') ?? trace);
}

function namedValues(changes: NamedCreate['changes']): JsonObject {
  return Object.fromEntries(changes.map(({ pointer, value }) => [pointer, value]));
}

/** No id has a control character, and so no profile has a key with this prefix. */
export function keyPrefix(writeNamespace: string): string {
  return `${writeNamespace}\n\n`;
}

/** Returns the key of a profile that the create under a lease's key has made. */
export function keyOfCreated(key: string, upstreamId: string): string {
  const [writeNamespace = ''] = key.split('\n');
  return profileKey({ target: { writeNamespace }, upstreamId });
}

/** End of a create with what its receipt adds to it. */
export type RecordedCreate = {
  readonly end: RecordedEnd;
  /** Undefined: there is none, or it is not known. */
  readonly upstreamId: string | undefined;
  readonly steps: readonly StepRecord[];
  readonly recoveredBy?: string;
};

/** Returns the receipt of a create: of the profile that it made, where it is known. */
export function createReceipt(
  { caller = '', changes, hashKeyId: keyId, id = '', requestId, target, version }: CreateIntent,
  { fence, key, writeId }: LeaseName,
  { end, recoveredBy, steps, upstreamId }: RecordedCreate,
): ReceiptRow {
  const body = {
    ...end,
    fence,
    requestId,
    version,
    ...optional('upstreamId', upstreamId),
    changes,
    ...optional('hashKeyId', keyId),
    steps,
    ...optional('recoveredBy', recoveredBy),
  };
  const ownKey = upstreamId === undefined ? '' : keyOfCreated(key, upstreamId);
  const { outcome } = end;
  return {
    kind: 'create',
    writeId,
    key: ownKey,
    id,
    target,
    caller,
    outcome,
    body: JSON.stringify(body),
  };
}

/** Returns the receipt of a link that a create has made. */
export function linkReceipt(
  { caller = '', requestId, target, version }: CreateIntent,
  { id, upstreamId, writeId }: { id: string; upstreamId: string; writeId: string },
): ReceiptRow {
  const body = { targets: { [target]: upstreamId }, requestId, version };
  const known = { kind: 'link', key: '', id, target: '', caller, outcome: 'applied' };
  return { ...known, writeId, body: JSON.stringify(body) };
}
