import { setTimeout as sleep } from 'node:timers/promises';
import type { Capture, Step } from './recorded.ts';
import type { Answer, SentRequest } from './send.ts';
import { fill, firstDifference, type Variables } from './template.ts';

/** What a replayed step came to. `path` is as it was sent. */
export type Replayed = {
  readonly section: string;
  readonly title: string;
  readonly record?: number;
  readonly method: string;
  readonly path: string;
  /** Absent for a setup step. */
  readonly expectedStatus?: number;
  readonly status: number | 'not sent';
  readonly body: string;
  /** JSON Pointer to the first place where a recorded body and the answer's differ. */
  readonly bodyDiffersAt?: string;
};

const STEPS_MAX = 1_000;
const AGAIN_MAX = 10;
const AGAIN_DELAY_MS = 1_000;

/**
 * Sends the steps one after the other and keeps what they capture for the later ones. `variables`
 * holds the base URLs `keystone` and `senlin`, the accounts, and a value for everything that this
 * server does not let a client make: it is used when the step that captures it is not answered
 * 2xx. Rejects when a step names a variable that has no value.
 */
export async function replay(
  steps: readonly Step[],
  variables: Variables,
  send: (request: SentRequest) => Promise<Answer>,
  wait: (ms: number) => Promise<unknown> = sleep,
): Promise<readonly Replayed[]> {
  if (steps.length > STEPS_MAX) throw new Error(`more than ${STEPS_MAX} steps`);
  const known: Record<string, string> = { ...variables };
  const replayed: Replayed[] = [];
  for (const step of steps) {
    if (step.needs !== undefined && known[step.needs] === undefined) {
      const { expect, path } = step;
      const outcome = { ...nameOf(step), path, status: 'not sent', body: '' } as const;
      replayed.push(expect === undefined ? outcome : { ...outcome, expectedStatus: expect.status });
      continue;
    }
    if (step.afterMs !== undefined) await wait(step.afterMs);
    const request = requestOf(step, known);
    let answer = await send(request);
    for (let n = 0; n < AGAIN_MAX && answer.status === step.again?.while; n += 1) {
      await wait(AGAIN_DELAY_MS);
      answer = await send(request);
    }
    if (isSuccess(answer.status)) Object.assign(known, captured(step, answer));
    replayed.push(outcomeOf(step, known, answer));
  }
  return replayed;
}

/** Whether an answer says that the request was carried out. */
export function isSuccess(status: number | 'not sent'): boolean {
  return typeof status === 'number' && status >= 200 && status < 300;
}

function requestOf(step: Step, known: Variables): SentRequest {
  try {
    const headers = Object.entries(step.headers).map(([name, value]) => [name, fill(value, known)]);
    return {
      url: fill(`{{${step.to}}}${step.path}`, known),
      method: step.method,
      headers: Object.fromEntries(headers),
      body: step.body === undefined ? undefined : fill(step.body, known),
    };
  } catch (cause) {
    throw new Error(`${step.section}, ${step.title}: ${String(cause)}`);
  }
}

function outcomeOf(step: Step, known: Variables, answer: Answer): Replayed {
  const { expect } = step;
  const path = fill(step.path, known);
  const { status, body } = answer;
  const outcome = { ...nameOf(step), path, status, body };
  if (expect === undefined) return outcome;
  const found =
    expect.body === undefined ? undefined : firstDifference(expect.body, parse(body), known);
  return {
    ...outcome,
    expectedStatus: expect.status,
    ...(found === undefined ? {} : { bodyDiffersAt: found }),
  };
}

function nameOf({ method, record, section, title }: Step) {
  return { section, title, method, ...(record === undefined ? {} : { record }) };
}

function captured(step: Step, answer: Answer): Variables {
  const values: Record<string, string> = {};
  for (const [name, capture] of Object.entries(step.captures)) {
    const value = taken(capture, answer);
    if (value !== undefined) values[name] = value;
  }
  return values;
}

function taken(capture: Capture, answer: Answer): string | undefined {
  if ('header' in capture) return answer.headers[capture.header.toLowerCase()];
  if ('body' in capture) return answer.body;
  let value = parse(answer.body);
  for (const key of capture.pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = Object.entries(value).find(([name]) => name === key)?.[1];
  }
  if (typeof value !== 'string') return undefined;
  if (capture.form === 'bareUpperCase') return value.replaceAll('-', '').toUpperCase();
  if (capture.form === undefined) return value;
  return value.slice(0, capture.form === 'first8' ? 8 : 1);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
