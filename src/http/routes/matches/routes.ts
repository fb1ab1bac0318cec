import type { Context } from 'hono';
import { fail, ownFault, type Result, succeed } from '../../../adapter-kit/index.ts';
import { PAGE_ROWS } from '../../../limits.ts';
import {
  MATCH_LEASE_MS,
  MATCH_PROFILES_SHOWN,
  MATCH_RUNS_MAX,
} from '../../../matching/match-limits.ts';
import type { MatchRunner } from '../../../matching/match-runner.ts';
import { FIRST_PROGRESS, matchSpecOf } from '../../../matching/match-spec.ts';
import type { MatchingPorts } from '../../../matching/matching-ports.ts';
import type { Ports } from '../../../ports.ts';
import type { MatchRun } from '../../../state/matches/match-rows.ts';
import type { Handler } from '../../pipeline.ts';
import { addLogFields } from '../../request-telemetry.ts';
import { jsonText, respondProblem } from '../../responses.ts';
import { readQuery, wrongCursor } from '../admin-query.ts';
import { isStorable } from '../cursor.ts';
import { noteReceipt } from '../operator-change.ts';
import { readOptionalReason } from '../reason.ts';
import { type StatePart, withState } from '../state-operations.ts';
import { decideRoutes } from './decisions.ts';
import { checkMatchSpec, readMatchBody } from './match-body.ts';
import { cursorAfter, matchReceipt, noRun, placeIn } from './match-cursor.ts';
import { candidateQuerySchema, startMatchSchema } from './match-query.ts';
import { candidateView, matchRunView, situationsView } from './match-view.ts';
import { answerRepeatedStart, idOfStart } from './repeated-start.ts';
import type { MatchRoutes } from './without-matches.ts';

/** Matching as a process offers it. */
export type Matching = { readonly ports: MatchingPorts; readonly runner: MatchRunner };

/** Returns a function that makes the routes about match runs. */
export function matchRoutesOf(matching: Matching) {
  return (part: StatePart, ports: Ports): MatchRoutes => ({
    list: listMatches(part),
    start: startMatch(part, ports, matching),
    show: showMatch(part),
    resume: resumeMatch(part, ports, matching),
    stop: stopMatch(part, ports),
    ...decideRoutes(part, ports, matching.ports),
  });
}

/** `GET /admin/matches`. */
function listMatches(part: StatePart): Handler {
  return withState(part, async (c, { matches }) => {
    const runs = await matches.runs(MATCH_RUNS_MAX);
    return jsonText(c, { matches: runs.map(matchRunView) });
  });
}

/** `POST /admin/matches`. */
function startMatch(
  part: StatePart,
  { digests, readChunks }: Ports,
  { runner }: Matching,
): Handler {
  return withState(part, async (c, { matches }) => {
    const body = await readMatchBody(c, readChunks, startMatchSchema());
    if (!body.ok) return respondProblem(c, body.fault);
    const { reason, ...asked } = body.value;
    const spec = matchSpecOf(asked);
    const checked = checkMatchSpec(c, spec);
    if (!checked.ok) return respondProblem(c, checked.fault);
    const { caller, idempotencyKey } = c.get('state');
    const by = caller?.name ?? '';
    const id = await idOfStart(digests, by, idempotencyKey);
    const texts = { spec: JSON.stringify(spec), progress: JSON.stringify(FIRST_PROGRESS) };
    const earlier = idempotencyKey === undefined ? undefined : await matches.run(id);
    if (earlier !== undefined) return answerRepeatedStart(c, earlier, texts.spec);
    if (!runner.hasRoom()) return respondProblem(c, noRoomForRun());
    const receipt = matchReceipt(c, { kind: 'match', match: id, reason });
    if (!(await matches.addRun({ id, by, ...texts }, receipt))) {
      return answerRepeatedStart(c, await matches.run(id), texts.spec);
    }
    const lease = await matches.claimRun(id, MATCH_LEASE_MS);
    if (lease !== undefined) runner.start(lease);
    noteReceipt(c, receipt);
    const run = await matches.run(id);
    return run === undefined ? respondProblem(c, noRun()) : jsonText(c, matchRunView(run));
  });
}

/** `GET /admin/matches/{id}`: the run with a page of its candidates. */
function showMatch(part: StatePart): Handler {
  return withState(part, async (c, { matches }) => {
    const asked = readQuery(candidateQuerySchema(), c.req.queries());
    if (!asked.ok) return respondProblem(c, asked.fault);
    const run = await findRun(c, matches);
    if (!run.ok) return respondProblem(c, run.fault);
    const { id } = run.value;
    const { after: cursor, limit = PAGE_ROWS, situation } = asked.value;
    const after = cursor === undefined ? '' : placeIn(id, cursor);
    if (after === undefined) return respondProblem(c, wrongCursor());
    const found = await matches.candidates(id, { after, max: limit + 1, situation });
    const shown = found.slice(0, limit);
    const keys = shown.map(({ key }) => key);
    const items = await matches.itemsOf(id, keys, MATCH_PROFILES_SHOWN + 1);
    const ofKey = Map.groupBy(items, ({ key }) => key);
    const view = matchRunView(run.value);
    const last = found.length > limit ? shown.at(-1) : undefined;
    return jsonText(c, {
      ...view,
      ...(cursor === undefined
        ? { situations: situationsView(await matches.countCandidates(id)) }
        : {}),
      candidates: shown.map((one) => candidateView(view, one, ofKey.get(one.key) ?? [])),
      ...(last === undefined ? {} : { next: cursorAfter(id, last.key) }),
    });
  });
}

/** `POST /admin/matches/{id}/resume`: goes on, or compares anew by the links of now. */
function resumeMatch(part: StatePart, { readChunks }: Ports, { runner }: Matching): Handler {
  return withState(part, async (c, state) => {
    const reason = await readOptionalReason(c, readChunks);
    if (!reason.ok) return respondProblem(c, reason.fault);
    const { matches } = state;
    const run = await findRun(c, matches);
    if (!run.ok) return respondProblem(c, run.fault);
    if (!runner.hasRoom()) return respondProblem(c, noRoomForRun());
    const { id } = run.value;
    const lease = await matches.claimRun(id, MATCH_LEASE_MS);
    if (lease === undefined) {
      const detail = 'A replica works on the match run, or did so a moment ago.';
      return respondProblem(c, ownFault('match_not_ready', detail));
    }
    const resumed = { kind: 'resume_match', match: id, reason: reason.value } as const;
    const receipt = matchReceipt(c, resumed);
    await state.addReceipt(receipt);
    runner.start(lease);
    noteReceipt(c, receipt);
    return jsonText(c, matchRunView((await matches.run(id)) ?? run.value));
  });
}

/** `POST /admin/matches/{id}/stop`: whichever replica works on it. */
function stopMatch(part: StatePart, { readChunks }: Ports): Handler {
  return withState(part, async (c, { matches }) => {
    const reason = await readOptionalReason(c, readChunks);
    if (!reason.ok) return respondProblem(c, reason.fault);
    const run = await findRun(c, matches);
    if (!run.ok) return respondProblem(c, run.fault);
    const { id } = run.value;
    const receipt = matchReceipt(c, { kind: 'stop_match', match: id, reason: reason.value });
    if (await matches.stopRun(id, receipt)) noteReceipt(c, receipt);
    return jsonText(c, matchRunView((await matches.run(id)) ?? run.value));
  });
}

/** Finds the run that the path names. */
async function findRun(
  c: Context,
  matches: Pick<MatchingPorts['store'], 'run'>,
): Promise<Result<MatchRun>> {
  const id = c.req.param('id') ?? '';
  addLogFields(c, { id });
  const run = isStorable(id) ? await matches.run(id) : undefined;
  return run === undefined ? fail(noRun()) : succeed(run);
}

function noRoomForRun() {
  const detail = 'This process works on as many match runs as it may.';
  return ownFault('overloaded', detail, { retryAfterSeconds: 30 });
}
