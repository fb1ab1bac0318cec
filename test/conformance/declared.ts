import { expect } from 'vitest';
import {
  codeOfStatus,
  effectOf,
  type Field,
  type FieldErrorCode,
  isList,
  type Json,
  own,
  ownText,
  pointerTokens,
} from '../../src/adapter-kit/index.ts';
import { mayWrite } from '../../src/auth/permissions.ts';
import type { Send } from '../../src/ports.ts';
import { type Answer, codeOf, outcomeOf } from './bench.ts';
import { BOUNDARIES, SENSITIVE, UNFIT } from './boundaries.ts';
import { expectTyped } from './judged.ts';
import { tokenRequestTest } from './recorded.ts';
import { createHarness, type Harness, type Subject } from './subjects.ts';

/** Values of every JSON type. */
const TYPES: readonly Json[] = [7, 0.5, true, 'text', ['text'], [7], { text: 'text' }];

/** Keys and values of maps are tried below a key that every sandbox knows. */
const KEY = 'remarks';

/** What the vendor's documents say may be sent is, and nothing else. */
export async function expectBoundaries(harness: Harness): Promise<void> {
  const { title } = harness.subject;
  for (const { pointer, refused, sent, subjects } of BOUNDARIES) {
    if (!subjects.includes(title)) continue;
    for (const value of sent) {
      harness.reset();
      const answer = await harness.patch(patchAt(pointerTokens(pointer), value));
      expectTyped(answer);
      expect(errorCodes(answer), `${pointer} ${JSON.stringify(value)}`).toEqual([]);
    }
    for (const value of refused) await expectRefused(harness, pointer, value);
  }
}

/** Refusals of a value by itself, whatever the profile is now. */
function errorCodes({ body }: Answer): Json[] {
  const errors = own(body, 'errors');
  const codes = isList(errors) ? errors.map((error) => ownText(error, 'code') ?? null) : [];
  return codes.filter((code) => code !== 'rejected');
}

/** A value of another type than the vendor's declaration takes is refused before it is sent. */
export async function expectTypes(harness: Harness, fields: readonly Field[]): Promise<void> {
  for (const { access, codec, map, onNull, pointer } of fields) {
    const place = map === undefined ? pointer : `${pointer}/${KEY}`;
    const readOnly = access === 'read_only' ? 'read_only' : undefined;
    if (onNull === 'reject') await expectRefused(harness, place, null);
    for (const value of [...TYPES, ...(codec.values ?? [])]) {
      const encoded = codec.encode(value);
      const isTaken = encoded.ok && encoded.coerced === undefined;
      if (isTaken && readOnly === undefined) continue;
      await expectRefused(harness, place, value, isTaken ? readOnly : undefined);
    }
  }
}

/** What does not fit the profile as it is is refused before anything is written. */
export async function expectUnfit(harness: Harness): Promise<void> {
  for (const { patch, stored, subjects } of UNFIT) {
    if (!subjects.includes(harness.subject.title)) continue;
    harness.reset(stored);
    const answer = await harness.patch(patch);
    expect(codeOf(answer), JSON.stringify(patch)).toBe('unsupported_patch');
    expect(harness.sent.filter(({ method }) => method === 'PATCH')).toEqual([]);
  }
}

async function expectRefused(
  harness: Harness,
  pointer: string,
  value: Json,
  code: FieldErrorCode | undefined = undefined,
): Promise<void> {
  harness.reset();
  const answer = await harness.patch(patchAt(pointerTokens(pointer), value));
  expect(answer.status, `${pointer} ${JSON.stringify(value)}`).toBe(422);
  expect(errorCodes(answer)).toEqual([code ?? expect.any(String)]);
  expect(harness.sent).toEqual([]);
}

function patchAt([first = '', ...rest]: readonly string[], value: Json): Json {
  return { [first]: rest.length === 0 ? value : patchAt(rest, value) };
}

/** A caller who was allowed nothing by name writes everything but what is sensitive. */
export function expectSensitive({ connection, subject }: Harness): void {
  const caller = { name: 'anybody', scopes: new Set<never>() };
  const closed = connection.fields
    .filter((field) => !mayWrite(caller, field.pointer, field))
    .map(({ pointer }) => pointer);
  expect(closed).toEqual(own(SENSITIVE, subject.title) ?? []);
}

/** What IAM's front end says with a number of its own. */
const STATUS_DEVIATIONS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  iam: { 494: 'target_misconfigured' },
};

const STATUSES = [
  300, 301, 304, 307, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 415, 418, 422, 429,
  494, 499, 500, 501, 502, 503, 504, 520, 599,
];

/** An answer of which nothing but the status is known means what the status means. */
export async function expectStatuses(subject: Subject): Promise<void> {
  for (const status of STATUSES) {
    const bare = bareAnswer(subject, status);
    const { read } = await createHarness(subject, (send) => bare(send, ['GET']));
    const expected = STATUS_DEVIATIONS[subject.vendor]?.[status] ?? codeOfStatus(status);
    expect(codeOf(await read()), `GET ${status}`).toBe(expected);
    const { patch } = await createHarness(subject, (send) => bare(send, ['PATCH', 'PUT', 'POST']));
    const answer = await patch({ name: 'eu-de_other' });
    const isRejected = effectOf(status) === 'none';
    expect(outcomeOf(answer), `PATCH ${status}`).toBe(isRejected ? 'rejected' : 'unknown');
    expect(codeOf(answer)).toBe(isRejected ? expected : 'outcome_unknown');
  }
}

/** Where front ends and vendors write the id of a request. */
const REQUEST_IDS = ['x-request-id', 'x-openstack-request-id', 'x-ncp-trace-id'];

/** What headers say of a failure is told, whatever its body. */
export async function expectHeadersTold(subject: Subject): Promise<void> {
  const headers = Object.fromEntries(REQUEST_IDS.map((name) => [name, 'request-1']));
  const bare = bareAnswer(subject, 429, { ...headers, 'retry-after': '7' });
  const { read } = await createHarness(subject, (send) => bare(send, ['GET']));
  const { body } = await read();
  expect(own(body, 'retryAfterSeconds')).toBe(7);
  expect(own(body, 'upstream')).toMatchObject({ status: 429, requestId: 'request-1' });
}

function bareAnswer(
  subject: Subject,
  status: number,
  headers: Readonly<Record<string, string>> = {},
) {
  const isToken = tokenRequestTest(subject);
  return (send: Send, methods: readonly string[]): Send =>
    async (request, timeoutMs) =>
      isToken(request) || !methods.includes(request.method)
        ? send(request, timeoutMs)
        : { status, headers, body: '' };
}
