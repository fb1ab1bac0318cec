import { expect } from 'vitest';
import {
  codeOfStatus,
  effectOf,
  type Field,
  type Json,
  own,
  pointerTokens,
} from '../../src/contract/index.ts';
import { mayWrite } from '../../src/gateway/permissions.ts';
import type { Send } from '../../src/gateway/ports.ts';
import { codeOf, outcomeOf } from './bench.ts';
import { BOUNDARIES, SENSITIVE } from './boundaries.ts';
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
      expect(codeOf(answer), `${pointer} ${JSON.stringify(value)}`).not.toBe('unsupported_patch');
    }
    for (const value of refused) await expectRefused(harness, pointer, value);
  }
}

/** A value of another type than the vendor's declaration takes is refused before it is sent. */
export async function expectTypes(harness: Harness, fields: readonly Field[]): Promise<void> {
  for (const { access, codec, map, pointer } of fields) {
    const place = map === undefined ? pointer : `${pointer}/${KEY}`;
    if (access === 'read-only') {
      await expectRefused(harness, pointer, 'text');
      continue;
    }
    for (const value of TYPES) {
      const encoded = codec.encode(value);
      if (encoded.ok && encoded.coerced === undefined) continue;
      await expectRefused(harness, place, value);
    }
  }
}

async function expectRefused(harness: Harness, pointer: string, value: Json): Promise<void> {
  harness.reset();
  const answer = await harness.patch(patchAt(pointerTokens(pointer), value));
  expect(answer.status, `${pointer} ${JSON.stringify(value)}`).toBe(422);
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

function bareAnswer(subject: Subject, status: number) {
  const isToken = tokenRequestTest(subject);
  return (send: Send, methods: readonly string[]): Send =>
    async (request, timeoutMs) =>
      isToken(request) || !methods.includes(request.method)
        ? send(request, timeoutMs)
        : { status, headers: {}, body: '' };
}
