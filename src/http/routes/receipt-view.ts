import * as z from 'zod/mini';
import {
  isObject,
  type Json,
  lazily,
  parsePlain,
  type SchemaValue,
} from '../../adapter-kit/index.ts';
import type { StoredReceipt } from '../../state/state-database.ts';
import type { WriteOutcome } from '../../writes/outcome.ts';

/** Outcomes that a receipt may have. */
export const OUTCOMES = [
  'applied',
  'noop',
  'rejected',
  'partial',
  'unknown',
] as const satisfies readonly WriteOutcome['outcome'][];

const word = lazily(() => z.string());
const wordList = lazily(() => z.array(word()));

const bodySchema = lazily(() =>
  z.object({
    upstreamId: z.exactOptional(word()),
    requestId: z.exactOptional(word()),
    rule: z.exactOptional(word()),
    version: z.exactOptional(word()).check(z.describe('Version of the configuration.')),
    fence: z.exactOptional(z.int()).check(z.describe('Grows with each write of the profile.')),
    evidence: z.exactOptional(word()),
    reason: z
      .exactOptional(word())
      .check(z.describe('Of an outcome, or of the operator who lifted a mark.')),
    code: z.exactOptional(word()).check(z.describe('Code of the problem that the caller got.')),
    changes: z
      .exactOptional(z.array(z.object({ pointer: word(), hash: z.exactOptional(word()) })))
      .check(z.describe('Members of the patch. Equal keyed hashes stand for equal values.')),
    applied: z.exactOptional(wordList()),
    notApplied: z.exactOptional(wordList()),
    unconfirmed: z.exactOptional(wordList()),
    sent: z
      .exactOptional(wordList())
      .check(z.describe('Sent; it is unknown if they were applied.')),
    steps: z.exactOptional(
      z.array(
        z.object({
          purpose: word(),
          method: word(),
          status: z.union([z.int(), word()]),
          durationMs: z.number(),
        }),
      ),
    ),
    targets: z
      .exactOptional(z.record(word(), word()))
      .check(z.describe('Upstream ids that a link was set to, by targets.')),
    unlinked: z
      .exactOptional(z.record(word(), z.record(word(), word())))
      .check(z.describe('Links that led to a profile that was deleted, as they were.')),
    links: z
      .exactOptional(z.int())
      .check(z.describe('Number of links that an import or a confirmation has set.')),
    match: z.exactOptional(word()).check(z.describe('The match run.')),
    refused: z.exactOptional(z.int()).check(z.describe('Number of pairs that were refused.')),
    recoveredBy: z
      .exactOptional(word())
      .check(z.describe('The replica that closed the write of another.')),
  }),
);

/** A receipt as operators see it. Values of profiles stand nowhere in it. */
export const receiptSchema = lazily(() =>
  z.object({
    at: word().check(z.describe('RFC 3339, in UTC, by the clock of the database.')),
    writeId: word(),
    kind: word().check(
      z.describe('`write`, `delete`, or a change by an operator: `lift`, `drain`, `undrain`, …'),
    ),
    outcome: word(),
    id: z.exactOptional(word()).check(z.describe('As the caller wrote it.')),
    profile: z.exactOptional(word()).check(z.describe('`target:upstreamId`')),
    target: z.exactOptional(word()),
    caller: z.exactOptional(word()),
    ...bodySchema().shape,
  }),
);

export type ReceiptView = SchemaValue<typeof receiptSchema>;

/** Returns a stored receipt as operators see it, whoever has written its body. */
export function receiptView(receipt: StoredReceipt): ReceiptView {
  const { atMs, body, caller, id, kind, outcome, target, writeId } = receipt;
  const members = membersOf(parsePlain(body));
  const { upstreamId } = members;
  const isOfProfile = target !== '' && upstreamId !== undefined;
  return {
    at: new Date(atMs).toISOString(),
    writeId,
    kind,
    outcome,
    ...(id === '' ? {} : { id }),
    ...(isOfProfile ? { profile: `${target}:${upstreamId}` } : {}),
    ...(target === '' ? {} : { target }),
    ...(caller === '' ? {} : { caller }),
    ...members,
  };
}

/** Reads the members of a body; one that this version cannot read is left out, not the others. */
function membersOf(body: Json | undefined): SchemaValue<typeof bodySchema> {
  const read = bodySchema().safeParse(body);
  if (read.success || !isObject(body)) return read.data ?? {};
  const wrong = new Set(read.error.issues.map(({ path: [name] }) => name));
  const legible = Object.entries(body).filter(([name]) => !wrong.has(name));
  return bodySchema().safeParse(Object.fromEntries(legible)).data ?? {};
}
