import type { Context } from 'hono';
import { fail, type Result, succeed } from '../../../adapter-kit/index.ts';
import { catchUp, readyRun } from '../../../matching/catch-up.ts';
import {
  confirmChoices,
  type Decided,
  refuseChoices,
  type StepReceipts,
} from '../../../matching/decide.ts';
import { MATCH_DECISIONS_AT_ONCE_MAX } from '../../../matching/match-limits.ts';
import type { MatchingPorts } from '../../../matching/matching-ports.ts';
import type { MatchChoice } from '../../../matching/pairs.ts';
import type { Ports } from '../../../ports.ts';
import type { MatchPair } from '../../../state/matches/match-rows.ts';
import { addLogFields } from '../../request-telemetry.ts';
import { jsonText, respondProblem } from '../../responses.ts';
import { wrongCursor } from '../admin-query.ts';
import { isStorable } from '../cursor.ts';
import { versionView } from '../links/link-view.ts';
import { noteReceipt } from '../operator-change.ts';
import { type StatePart, withState } from '../state-operations.ts';
import { readMatchBody } from './match-body.ts';
import { cursorAfter, matchReceipt, noRun, placeIn } from './match-cursor.ts';
import { confirmSchema, refuseSchema } from './match-query.ts';
import type { MatchRoutes } from './without-matches.ts';

/** Returns the routes that confirm and refuse candidates. */
export function decideRoutes(
  part: StatePart,
  { readChunks }: Ports,
  matching: MatchingPorts,
): Pick<MatchRoutes, 'confirm' | 'refuse'> {
  return {
    confirm: withState(part, async (c, state) => {
      const body = await readMatchBody(c, readChunks, confirmSchema());
      if (!body.ok) return respondProblem(c, body.fault);
      const chosen = await chosenBy(c, matching, body.value);
      if (!chosen.ok) return respondProblem(c, chosen.fault);
      const { choices, id, next } = chosen.value;
      const { reason } = body.value;
      const receipts = stepReceipts(c, (links) => ({
        kind: 'confirm_matches',
        match: id,
        reason,
        links,
      }));
      const done = await confirmChoices(matching, id, choices, receipts);
      if (!done.ok) return respondProblem(c, done.fault);
      // What could not be followed now is followed with the next beat, or by the next write.
      await state.follow().catch(() => {});
      const { linksVersion } = done.value;
      const version = linksVersion === undefined ? {} : await versionView(state, linksVersion);
      const confirmed = done.value.decided.length;
      return jsonText(c, { confirmed, ...restOf(done.value, next), ...version });
    }),
    refuse: withState(part, async (c) => {
      const body = await readMatchBody(c, readChunks, refuseSchema());
      if (!body.ok) return respondProblem(c, body.fault);
      const chosen = await chosenBy(c, matching, body.value);
      if (!chosen.ok) return respondProblem(c, chosen.fault);
      const { choices, id, next } = chosen.value;
      const { reason } = body.value;
      const receipts = stepReceipts(c, (refused) => ({
        ...{ kind: 'refuse_matches', match: id, reason, refused },
      }));
      const done = await refuseChoices(matching, id, choices, receipts);
      if (!done.ok) return respondProblem(c, done.fault);
      return jsonText(c, { refused: done.value.decided.length, ...restOf(done.value, next) });
    }),
  };
}

type DecisionBody =
  | { readonly all: 'unique'; readonly after?: string }
  | { readonly candidates: readonly NamedChoice[] };

/** A candidate as a body names it. */
type NamedChoice = Omit<MatchChoice, 'upstreamIds'> & { readonly upstreamIds?: readonly string[] };

type Chosen = {
  readonly id: string;
  readonly choices: readonly MatchChoice[];
  readonly next: string | undefined;
};

/** Lists the candidates that a body names, or the next of all that are unique. */
async function chosenBy(
  c: Context,
  matching: MatchingPorts,
  body: DecisionBody,
): Promise<Result<Chosen>> {
  const id = c.req.param('id') ?? '';
  addLogFields(c, { id });
  const run = isStorable(id) ? await readyRun(matching, id) : fail(noRun());
  if (!run.ok) return run;
  if ('candidates' in body) {
    const choices = body.candidates.map(({ upstreamIds, ...choice }) => {
      const [first = '', second = ''] = upstreamIds ?? [];
      return upstreamIds === undefined ? choice : { ...choice, upstreamIds: pairOf(first, second) };
    });
    return succeed({ id, choices, next: undefined });
  }
  const after = body.after === undefined ? '' : placeIn(id, body.after);
  if (after === undefined) return fail(wrongCursor());
  const caught = await catchUp(matching, id);
  if (!caught.ok) return caught;
  const max = MATCH_DECISIONS_AT_ONCE_MAX;
  const rows = await matching.store.candidates(id, { after, max: max + 1, situation: 'unique' });
  const choices = rows.slice(0, max).map(({ key }) => ({ candidate: key }));
  const last = rows.length > max ? choices.at(-1) : undefined;
  return succeed({ id, choices, next: last && cursorAfter(id, last.candidate) });
}

/** Returns what makes a receipt for each step, and names the last one that is stored. */
function stepReceipts(
  c: Context,
  changeOf: (amount: number) => Parameters<typeof matchReceipt>[1],
): StepReceipts {
  return {
    make: (amount) => matchReceipt(c, changeOf(amount)),
    stored: (receipt) => noteReceipt(c, receipt),
  };
}

function restOf({ skipped }: Decided, next: string | undefined) {
  return { skipped, ...(next === undefined ? {} : { next }) };
}

const pairOf = (first: string, second: string): MatchPair => [first, second];
