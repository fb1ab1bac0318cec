import { readFileSync } from 'node:fs';
import * as z from 'zod/mini';
import { isSuccess, type Replayed } from './replay.ts';

/**
 * A step that the sandbox answers in another way than the real server did, and why. Without
 * `bodyAt` the statuses differ; with it only the bodies do, first at this JSON Pointer.
 */
const knownDifference = z.strictObject({
  section: z.string(),
  title: z.string(),
  recorded: z.int(),
  sandbox: z.union([z.int(), z.literal('not sent')]),
  bodyAt: z.optional(z.string()),
  reason: z.string().check(z.minLength(1)),
});

export type KnownDifference = z.infer<typeof knownDifference>;

/**
 * The listed differences of the sections that `steps` are of. Throws when the file does not have
 * the shape above.
 */
export function knownDifferences(
  steps: readonly { readonly section: string }[],
): readonly KnownDifference[] {
  const text = readFileSync(new URL('./known-differences.json', import.meta.url), 'utf8');
  const sections = new Set(steps.map(({ section }) => section));
  const all = z.array(knownDifference).parse(JSON.parse(text));
  return all.filter(({ section }) => sections.has(section));
}

/**
 * What is wrong with a replay, one line for each step: a difference that is not listed as it is,
 * a listed one that is none any more, and, listed or not, a success where the real server did
 * not succeed.
 */
export function problems(
  replayed: readonly Replayed[],
  known: readonly KnownDifference[],
): readonly string[] {
  const unused = new Set(known);
  const found: string[] = [];
  for (const step of replayed) {
    const { section, title, expectedStatus, status, bodyDiffersAt } = step;
    if (expectedStatus === undefined) continue;
    const listed = known.find((each) => each.section === section && each.title === title);
    if (listed !== undefined) unused.delete(listed);
    const sameStatus = status === expectedStatus;
    const bodyAt = sameStatus ? bodyDiffersAt : undefined;
    const name = `${section}, ${title}: recorded ${expectedStatus}, now ${status}`;
    if (isSuccess(status) && !isSuccess(expectedStatus)) {
      found.push(`${name}: succeeds where the real server does not`);
    } else if (sameStatus && bodyAt === undefined) {
      if (listed !== undefined) found.push(`${name}: listed, but does not differ any more`);
    } else if (
      listed?.recorded !== expectedStatus ||
      listed.sandbox !== status ||
      listed.bodyAt !== bodyAt
    ) {
      found.push(`${name}${bodyAt === undefined ? '' : `, another body at ${bodyAt}`}`);
    }
  }
  for (const { section, title } of unused) found.push(`${section}, ${title}: listed, but no step`);
  return found;
}
