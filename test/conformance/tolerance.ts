import { expect } from 'vitest';
import {
  type Adapter,
  type Field,
  type HttpRequest,
  isObject,
  type Json,
  type JsonObject,
  own,
  ownObject,
  valueAt,
} from '../../src/adapter-kit/index.ts';
import { RESPONSE_BODY_BYTES_MAX } from '../../src/limits.ts';
import { isFailure, type Send } from '../../src/ports.ts';
import { createFetchSend } from '../../src/workers/fetch-client.ts';
import { codeOf, contentOf, createBench, outcomeOf } from './bench.ts';
import { expectTyped } from './judged.ts';
import { createPlayer, type Recording, tokenRequestTest } from './recorded.ts';
import { createHarness, type Subject } from './subjects.ts';

/** Bodies that no vendor's success has. */
export const MALFORMED: readonly (readonly [name: string, body: string])[] = [
  ['truncated JSON', '{"profile":{"id":"7fa885cd'],
  ['HTML', '<!DOCTYPE html><html><title>Sign in</title></html>'],
  ['nothing', ''],
  ['blanks', ' \r\n'],
  ['a list', '[{"id":"x"}]'],
  ['a number', '42'],
  ['null', 'null'],
  ['a text', '"ok"'],
  ['an empty object', '{}'],
  ['null inside', '{"profile":null,"project":null,"profileId":null}'],
  ['a list inside', '{"profile":[],"project":[],"profileId":[]}'],
  ['a deep list', '['.repeat(10_000) + ']'.repeat(10_000)],
  ['a prototype', '{"__proto__":{"profile":{"id":"x"},"profileId":"x"}}'],
  ['more than the limit', `"${'x'.repeat(RESPONSE_BODY_BYTES_MAX)}"`],
];

/** The same answer with another body, bounded as a real one is. */
function withBody(send: Send, body: string, isMeant: (request: HttpRequest) => boolean): Send {
  const headers = { 'content-type': 'application/json' };
  const mangled = createFetchSend(() => new Response(body, { status: 200, headers }));
  return async (request, timeoutMs) => {
    const answer = await send(request, timeoutMs);
    return isMeant(request) && !isFailure(answer) ? mangled(request, timeoutMs) : answer;
  };
}

const isRead = ({ method }: HttpRequest): boolean => method === 'GET';

/** Whether this is a read that shows a profile. */
export function showsProfile({ expect: { content }, operation }: Recording): boolean {
  return operation === 'read' && content !== undefined;
}

/**
 * Fields that nobody knows, anywhere in the answer to a read, change nothing, nor do those of
 * `fields` that can only be written.
 */
export async function expectMoreTolerated(
  recording: Recording,
  fields: readonly Field[],
  adapter?: Adapter,
): Promise<void> {
  const hidden = fields.filter(({ access }) => access === 'write_only');
  const values: readonly Json[] = [true, 'text', ['text']];
  const more = values.map((value): JsonObject => {
    const members = hidden.map(({ wireName }): [string, Json] => [wireName, value]);
    return Object.fromEntries([['added_later', { x: [1] }], ...members]);
  });
  for (const place of placesIn(recording)) {
    for (const members of more) {
      const answer = await readOf(recording, edited(recording, place, members), adapter);
      expect(contentOf(answer)).toEqual(recording.expect.content);
    }
  }
}

/** Every field but the id may be missing from the answer to a read. */
export async function expectLessTolerated(recording: Recording, adapter?: Adapter): Promise<void> {
  const holder = placesIn(recording).at(-1) ?? [];
  const profile = at(bodyOf(recording), holder);
  for (const [name, value] of Object.entries(profile)) {
    const body = edited(recording, holder, { [name]: undefined });
    const answer = await readOf(recording, body, adapter);
    if (value === recording.id) expect(codeOf(answer)).toBe('target_invalid_response');
    else expect(answer.status, name).toBe(200);
  }
  expect(Object.values(profile)).toContain(recording.id);
}

/** Values of every JSON type. */
const TYPES: readonly Json[] = [7, 0.5, true, 'text', ['text'], { text: 'text' }];

/** A field whose value is not of its declared form is left out; the rest is told. */
export async function expectOtherTypesLeftOut(
  recording: Recording,
  fields: readonly Field[],
  adapter?: Adapter,
): Promise<void> {
  const holder = placesIn(recording).at(-1) ?? [];
  const profile = at(bodyOf(recording), holder);
  for (const { access, codec, map, pointer, wireName } of fields) {
    if (!Object.hasOwn(profile, wireName) || access === 'write_only') continue;
    for (const value of TYPES) {
      const given = map === undefined ? value : { text: value };
      const answer = await readOf(
        recording,
        edited(recording, holder, { [wireName]: given }),
        adapter,
      );
      expect(answer.status).toBe(200);
      const told = valueAt(contentOf(answer), map === undefined ? pointer : `${pointer}/text`);
      expect(told, `${pointer} ${JSON.stringify(value)}`).toEqual(codec.decode(value));
    }
  }
}

export async function readAnsweredBy(subject: Subject, body: string): Promise<void> {
  const { read } = await createHarness(subject, (send) => withBody(send, body, isRead));
  const answer = await read();
  expectTyped(answer);
  expect(codeOf(answer)).toBe('target_invalid_response');
}

/** A write that is stored. */
export async function writeAnsweredBy(subject: Subject, body: string): Promise<void> {
  const isWrite = isWriteTest(subject);
  const { patch } = await createHarness(subject, (send) => withBody(send, body, isWrite));
  const answer = await patch({ name: 'eu-de_kept' });
  expectTyped(answer);
  expect(outcomeOf(answer)).toBe('applied');
  expect(contentOf(answer).name).toBe('eu-de_kept');
}

export async function lostWriteAnsweredBy(subject: Subject, body: string): Promise<void> {
  const isWrite = isWriteTest(subject);
  const lost: Send = async () => ({ status: 200, headers: {}, body: '' });
  const around = (send: Send): Send =>
    withBody((r, ms) => (isWrite(r) ? lost(r, ms) : send(r, ms)), body, isWrite);
  const { patch } = await createHarness(subject, around);
  const answer = await patch({ name: 'eu-de_lost' });
  expectTyped(answer);
  if (outcomeOf(answer) !== 'applied') return;
  expect(ownObject(answer.body, 'write')).toMatchObject({ unconfirmed: ['/name'] });
}

export async function tokenAnsweredBy(subject: Subject, body: string): Promise<void> {
  const isToken = tokenRequestTest(subject);
  const { read } = await createHarness(subject, (send) => withBody(send, body, isToken));
  const answer = await read();
  expectTyped(answer);
  expect(codeOf(answer)).toBe('target_invalid_response');
}

export function hasToken({ settings }: { readonly settings: JsonObject }): boolean {
  const method = ownObject(settings, 'auth')?.method;
  return method === 'password' || method === 'clientCredentials';
}

function isWriteTest(subject: Subject) {
  const isToken = tokenRequestTest(subject);
  return (request: HttpRequest): boolean => !isRead(request) && !isToken(request);
}

function bodyOf({ exchanges }: Recording): Json {
  const body = exchanges.at(-1)?.response.body ?? null;
  return typeof body === 'string' ? JSON.parse(body) : body;
}

/** The objects on the way to the one that holds the id, from the outermost on. */
function placesIn({ id, ...recording }: Recording): string[][] {
  const walk = (value: Json, place: string[]): string[][] => {
    if (!isObject(value)) throw new Error(`${recording.name} shows no id`);
    const members = Object.entries(value);
    if (members.some(([, member]) => member === id)) return [place];
    const [name, inner] = members.find(([, member]) => isObject(member)) ?? ['', null];
    return [place, ...walk(inner, [...place, name])];
  };
  return walk(bodyOf({ id, ...recording }), []);
}

function at(value: Json, place: readonly string[]): JsonObject {
  const found = place.reduce((inner: Json, name) => ownObject(inner, name) ?? null, value);
  if (!isObject(found)) throw new Error(`nothing at ${place.join('/')}`);
  return found;
}

/** The recorded body with members of one of its objects laid over; undefined takes one away. */
function edited(
  recording: Recording,
  place: readonly string[],
  change: Readonly<Record<string, Json | undefined>>,
): Json {
  const lay = (value: Json, [first, ...rest]: readonly string[]): Json => {
    if (!isObject(value)) throw new Error('no object');
    if (first !== undefined) return { ...value, [first]: lay(own(value, first) ?? null, rest) };
    const members = Object.entries({ ...value, ...change });
    return Object.fromEntries(
      members.flatMap(([name, member]) => (member === undefined ? [] : [[name, member] as const])),
    );
  };
  return lay(bodyOf(recording), place);
}

async function readOf(recording: Recording, body: Json, adapter: Adapter | undefined) {
  const last = recording.exchanges.at(-1);
  if (last === undefined) throw new Error(`${recording.name} has no exchange`);
  const answered = { ...last, response: { ...last.response, body } };
  const player = createPlayer({
    ...recording,
    exchanges: [...recording.exchanges.slice(0, -1), answered],
  });
  const { id, settings, vendor } = recording;
  const { ask } = await createBench({ vendor, settings, send: player.send, adapter });
  return ask({ id });
}
