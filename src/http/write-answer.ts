import type { Context } from 'hono';
import {
  FAULT_CODES,
  isObject,
  type JsonObject,
  optional,
  parsePlain,
} from '../adapter-kit/index.ts';
import type { PatchAnswer, RenderedAnswer, Replay } from '../profiles/patch-answer.ts';
import type { Preferences } from '../profiles/patch-request.ts';
import { cleanFault } from '../telemetry/redactor.ts';
import { JSON_TYPE, PROBLEM_TYPE, problemOf } from './problem-details.ts';
import { respond } from './responses.ts';

/** Parts of a response to a write that do not follow from its outcome. */
export type WriteContext = {
  readonly preferences: Preferences;
  /** Name of the target that has served it. */
  readonly target: string;
  readonly requestId: string;
};

type Content = { readonly status: number; readonly type: string; readonly text: string };

/** Responds with the outcome of a write, and notes it for the log. */
export function respondWrite(c: Context, answer: PatchAnswer, context: WriteContext): Response {
  const { record, responseHeaders } = c.get('state');
  const { outcome, unconfirmed } = answer.ok ? answer.write : answer.end;
  const { losses } = answer.ok ? answer.write : answer;
  record.outcome = outcome;
  record.unconfirmed = unconfirmed;
  record.losses = losses.map((loss) => loss.pointer);
  if (answer.ok) {
    record.evidence = answer.write.evidence;
  } else {
    record.code = answer.end.fault.code;
    record.reason = answer.end.reason;
  }
  const { status, text, type } = renderContent(answer, context, responseHeaders);
  return respond(c, status, type, text);
}

/** Renders the response to a write for repeats of its request. */
export function renderWrite(answer: PatchAnswer, context: WriteContext): RenderedAnswer {
  const headers: Record<string, string> = {};
  const { status, text, type } = renderContent(answer, context, headers);
  headers['Content-Type'] = type;
  if (answer.exchange?.sandbox === true) headers['X-Gateway-Sandbox'] = '1';
  return {
    status,
    headers,
    body: text,
    outcome: answer.ok ? answer.write.outcome : answer.end.outcome,
    code: answer.ok ? undefined : answer.end.fault.code,
  };
}

/** Responds to a repeat as the first request was answered, but for what names this one. */
export function respondReplay(c: Context, { leftMs, replay, writeId }: Replay): Response {
  const { record, requestId, responseHeaders: headers } = c.get('state');
  const { body, code, outcome, status } = replay;
  record.outcome = outcome;
  record.code = code;
  record.writeId = writeId;
  record.replayed = true;
  Object.assign(headers, replay.headers, { 'Idempotency-Replayed': 'true' });
  const { 'Content-Type': type = JSON_TYPE } = replay.headers;
  if (type !== PROBLEM_TYPE) return respond(c, status, type, body);
  const parsed = parsePlain(body);
  const problem: JsonObject = isObject(parsed) ? parsed : {};
  const { retryAfterSeconds, ...rest } = problem;
  const leftSeconds = leftMs !== undefined && leftMs > 0 ? Math.ceil(leftMs / 1000) : undefined;
  const seconds = leftMs === undefined ? retryAfterSeconds : leftSeconds;
  delete headers['Retry-After'];
  if (typeof seconds === 'number') headers['Retry-After'] = String(seconds);
  const named = { ...rest, requestId, ...optional('retryAfterSeconds', seconds) };
  return respond(c, status, type, JSON.stringify(named));
}

/** Status of a success that has created a profile (RFC 9110, 15.3.2). */
const CREATED = 201;

/** Renders the outcome of a write; adds the headers that belong to it to `headers`. */
function renderContent(
  answer: PatchAnswer,
  { preferences, requestId, target }: WriteContext,
  headers: Record<string, string>,
): Content {
  const { etag, location, writeId } = answer;
  if (writeId !== undefined) headers['X-Write-Id'] = writeId;
  if (preferences.applied !== '') headers['Preference-Applied'] = preferences.applied;
  if (etag !== undefined) headers.ETag = etag;
  if (location !== undefined) headers.Location = location;
  if (answer.ok) {
    const shown = preferences.minimal ? '' : `"profile":${answer.profile},`;
    const text = `{${shown}"write":${JSON.stringify(answer.write)}}`;
    return { status: location === undefined ? 200 : CREATED, type: JSON_TYPE, text };
  }
  const { fault, reason, refusals: _, unconfirmed, ...end } = answer.end;
  const { losses } = answer;
  const cleaned = cleanFault(fault, answer.exchange?.redactor);
  const problem = problemOf(cleaned, {
    requestId,
    ...end,
    target,
    ...(unconfirmed.length === 0 ? {} : { unconfirmed }),
    ...(losses.length === 0 ? {} : { losses }),
    ...optional('reason', reason),
  });
  const { retryAfterSeconds } = fault;
  if (retryAfterSeconds !== undefined) headers['Retry-After'] = String(retryAfterSeconds);
  const { status } = FAULT_CODES[fault.code];
  return { status, type: PROBLEM_TYPE, text: JSON.stringify(problem) };
}
