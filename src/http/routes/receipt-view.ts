import * as z from 'zod/mini';
import { parsePlain } from '../../adapter-kit/index.ts';
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

const word = z.string();
const wordList = z.array(word);

/** Leaves out a member that this version cannot read; the others are shown all the same. */
function lenient<S extends z.ZodMiniType>(schema: S) {
  return z.catch(z.optional(schema), undefined);
}

const bodySchema = z.object({
  upstreamId: lenient(word),
  requestId: lenient(word),
  rule: lenient(word),
  version: lenient(word).check(z.describe('Version of the configuration.')),
  fence: lenient(z.int()).check(z.describe('Grows with each write of the profile.')),
  evidence: lenient(word),
  reason: lenient(word).check(z.describe('Of an outcome, or of the operator who lifted a mark.')),
  code: lenient(word).check(z.describe('Code of the problem that the caller got.')),
  changes: lenient(z.array(z.object({ pointer: word, hash: z.exactOptional(word) }))).check(
    z.describe('Members of the patch. Equal keyed hashes stand for equal values.'),
  ),
  applied: lenient(wordList),
  notApplied: lenient(wordList),
  unconfirmed: lenient(wordList),
  sent: lenient(wordList).check(z.describe('Sent; it is unknown if they were applied.')),
  steps: lenient(
    z.array(
      z.object({
        purpose: word,
        method: word,
        status: z.union([z.int(), word]),
        durationMs: z.number(),
      }),
    ),
  ),
  targets: lenient(z.record(word, word)).check(
    z.describe('Upstream ids that a link was set to, by targets.'),
  ),
  links: lenient(z.int()).check(z.describe('Number of links that an import has set.')),
  recoveredBy: lenient(word).check(z.describe('The replica that closed the write of another.')),
});

/** A receipt as operators see it. Values of profiles stand nowhere in it. */
export const receiptSchema = z.object({
  at: word.check(z.describe('RFC 3339, in UTC, by the clock of the database.')),
  writeId: word,
  kind: word.check(
    z.describe('`write`, or a change by an operator: `lift`, `drain`, `undrain`, …'),
  ),
  outcome: word,
  id: z.exactOptional(word).check(z.describe('As the caller wrote it.')),
  profile: z.exactOptional(word).check(z.describe('`target:upstreamId`')),
  target: z.exactOptional(word),
  caller: z.exactOptional(word),
  ...bodySchema.shape,
});

export type ReceiptView = z.infer<typeof receiptSchema>;

/** Returns a stored receipt as operators see it, whoever has written its body. */
export function receiptView(receipt: StoredReceipt): ReceiptView {
  const { atMs, body, caller, id, kind, outcome, target, writeId } = receipt;
  const read = bodySchema.safeParse(parsePlain(body));
  const members = read.success ? read.data : {};
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
