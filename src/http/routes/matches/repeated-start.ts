import type { Context } from 'hono';
import type { Digests } from '../../../adapter-kit/index.ts';
import { keyReused } from '../../../profiles/idempotency/answer-repeat.ts';
import type { MatchRun } from '../../../state/matches/match-rows.ts';
import { jsonText, respondProblem, setResponseHeader } from '../../responses.ts';
import { noRun } from './match-cursor.ts';
import { matchRunView } from './match-view.ts';

/**
 * Returns the id of the run that a request starts. One with an `Idempotency-Key` always has the
 * same, so that of two such requests one starts a run, at whichever replica.
 */
export async function idOfStart(
  digests: Digests,
  by: string,
  key: string | undefined,
): Promise<string> {
  if (key === undefined) return crypto.randomUUID();
  const hash = await digests.sha256Hex(JSON.stringify(['start of a match run', by, key]));
  // In the form of the others, as a UUID of version 8 (RFC 9562, section 5.8).
  return hash.replace(
    /^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$/,
    (_, ...parts: string[]) => `${parts[0]}-${parts[1]}-8${parts[2]}-8${parts[3]}-${parts[4]}`,
  );
}

/** Answers a start whose run was started by an earlier request with the same key. */
export function answerRepeatedStart(c: Context, run: MatchRun | undefined, spec: string): Response {
  // An old run that is being removed is still in the way of its key.
  if (run === undefined) return respondProblem(c, noRun());
  if (run.spec !== spec) return respondProblem(c, keyReused());
  setResponseHeader(c, 'Idempotency-Replayed', 'true');
  return jsonText(c, matchRunView(run));
}
