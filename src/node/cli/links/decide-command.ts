import * as z from 'zod/mini';
import { optional } from '../../../adapter-kit/index.ts';
import { decidedParts } from '../../../http/routes/matches/match-view.ts';
import { MATCH_DECISIONS_MAX } from '../../../matching/match-limits.ts';
import { EXIT } from '../../command-line.ts';
import type { AdminClient } from './admin-client.ts';
import { type LinkCommand, printLine } from './link-command.ts';
import { reasonPart, runPath } from './match-command.ts';
import { createProgressLine } from './progress-line.ts';

const decidedSchema = z.object({
  ...decidedParts(),
  confirmed: z.exactOptional(z.int()),
  refused: z.exactOptional(z.int()),
  version: z.exactOptional(z.int()),
});

type DecidedPart = z.infer<typeof decidedSchema>;
type DecidedTotal = { amount: number; readonly skipped: DecidedPart['skipped'] };

/** `links confirm` and `links refuse`. */
export function decideCommand(kind: 'confirm' | 'refuse'): LinkCommand {
  return async ({ client, flags, operands, wrongUse }) => {
    const [run, ...named] = operands;
    if (run === undefined || flags.all === named.length > 0) {
      return wrongUse('needs RUN, and either --all or candidates');
    }
    const progress = createProgressLine(!flags.json);
    const reason = reasonPart(flags);
    const bodies = flags.all ? undefined : bodiesOf(named, reason, wrongUse);
    const total: DecidedTotal = { amount: 0, skipped: [] };
    for await (const part of partsOf(client, runPath(run, `/${kind}`), bodies, reason)) {
      total.amount += part.confirmed ?? part.refused ?? 0;
      total.skipped.push(...part.skipped);
      progress.show(`${total.amount} ${DECIDED_WORDS[kind]}`);
    }
    progress.end();
    const { amount, skipped } = total;
    if (flags.json) {
      printLine(JSON.stringify({ [DECIDED_WORDS[kind]]: amount, skipped }));
    } else {
      printLine(`${amount} ${DECIDED_WORDS[kind]}, ${skipped.length} skipped`);
      for (const { candidate, reason: why } of skipped) printLine(`  ${candidate}\t${why}`);
    }
    if (skipped.length > 0) process.exitCode = EXIT.data;
  };
}

const DECIDED_WORDS = { confirm: 'confirmed', refuse: 'refused' } as const;

/** Sends the bodies one after the other; without any, all candidates that are unique. */
async function* partsOf(
  client: AdminClient,
  path: string,
  bodies: readonly object[] | undefined,
  reason: object,
): AsyncGenerator<DecidedPart> {
  for (const json of bodies ?? []) yield await client.post(path, { json }, decidedSchema);
  if (bodies !== undefined) return;
  let after: string | undefined;
  do {
    const json = { all: 'unique', ...optional('after', after), ...reason };
    const part = await client.post(path, { json }, decidedSchema);
    yield part;
    after = part.next;
  } while (after !== undefined);
}

function bodiesOf(
  named: readonly string[],
  reason: object,
  wrongUse: (problem: string) => never,
): object[] {
  const candidates = named.map((text) => {
    const [candidate = '', pair] = text.split('=', 2);
    if (pair === undefined) return { candidate };
    const upstreamIds = pair.split(',');
    if (upstreamIds.length !== 2) wrongUse(`${text}: must be CANDIDATE or CANDIDATE=ID,ID`);
    return { candidate, upstreamIds };
  });
  const bodies: object[] = [];
  for (let at = 0; at < candidates.length; at += MATCH_DECISIONS_MAX) {
    bodies.push({ candidates: candidates.slice(at, at + MATCH_DECISIONS_MAX), ...reason });
  }
  return bodies;
}
