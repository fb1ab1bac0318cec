import fc from 'fast-check';
import { expect } from 'vitest';
import {
  type HttpRequest,
  type HttpResponse,
  isList,
  isObject,
  type Json,
} from '../../../src/adapter-kit/index.ts';
import { isFailure, type Send } from '../../../src/ports.ts';
import { runs } from '../../support/counts.ts';
import { anyJson } from '../arbitraries.ts';
import { outcomeOf } from '../bench.ts';
import { expectTyped } from '../judged.ts';
import { MALFORMED } from '../tolerance.ts';
import type { Law } from './create-laws.ts';
import { baseOf, make, NAME } from './new-profiles.ts';
import { createStage, upstreamIdOf, walk } from './stage.ts';
import type { LifecycleSubject } from './subjects.ts';

/** The laws of answers that no vendor should send. */
export function hostileLaws({ declared }: LifecycleSubject): Law[] {
  const { create, list, remove } = declared;
  return [
    ...(list === undefined
      ? []
      : [
          { title: 'a page of anything is listed or refused by a known code', hold: listsAnything },
          { title: 'a walk over pages that do not lead on ends', hold: endsWithoutProgress },
          { title: 'a position of anything is a place or refused', hold: startsAnywhere },
        ]),
    ...(create === undefined
      ? []
      : [{ title: 'no answer makes a profile that is not there', hold: createsNothing }]),
    ...(remove === undefined
      ? []
      : [{ title: 'no refusal deletes, and no page of others does', hold: deletesNothing }]),
  ];
}

/** Bodies, without the largest: how many bytes are read is no matter of adapters. */
const BODIES = MALFORMED.map(([, body]) => body).filter((body) => body.length < 100_000);

/** Changes what the vendor answers; a write that is `lost` does not reach it. */
type Hostility = {
  change?: ((answer: HttpResponse, request: HttpRequest) => HttpResponse) | undefined;
  lost?: boolean;
};

/** A stage whose answers can be made hostile, but for those that issue tokens. */
async function stageWith(subject: LifecycleSubject) {
  const hostile: Hostility = {};
  const around =
    (send: Send): Send =>
    async (request, timeoutMs) => {
      const { change, lost } = hostile;
      if (change === undefined || /token/.test(request.path)) return send(request, timeoutMs);
      const isLost = lost === true && request.method !== 'GET';
      const answer = isLost ? NOTHING : await send(request, timeoutMs);
      return isFailure(answer) ? answer : change(answer, request);
    };
  return { hostile, stage: await createStage(subject, around) };
}

const NOTHING: HttpResponse = { status: 200, headers: {}, body: '' };

async function listsAnything(subject: LifecycleSubject): Promise<void> {
  const { hostile, stage } = await stageWith(subject);
  await make(stage);
  let page: HttpResponse | undefined;
  hostile.change = (answer) => {
    page = answer;
    return answer;
  };
  await stage.list({});
  const body: Json = JSON.parse(page?.body ?? '');
  const answered = async (text: string): Promise<void> => {
    hostile.change = (answer) => ({ ...answer, body: text });
    expectTyped(await stage.list({}));
  };
  for (const text of BODIES) await answered(text);
  await fc.assert(
    fc.asyncProperty(fc.nat(), anyJson, async (place, value) => {
      const places = placesIn(body);
      await answered(JSON.stringify(laid(body, places[place % places.length] ?? [], value)));
    }),
    runs(40, 1000),
  );
}

/** The ways to each value inside a value, its own among them. */
function placesIn(value: Json): (readonly string[])[] {
  const members = isList(value) || isObject(value) ? Object.entries(value) : [];
  const below = members.flatMap(([name, member]) =>
    placesIn(member).map((place) => [name, ...place]),
  );
  return [[], ...below];
}

function laid(value: Json, [first, ...rest]: readonly string[], other: Json): Json {
  if (first === undefined) return other;
  if (isList(value)) {
    return value.map((member, i) => (String(i) === first ? laid(member, rest, other) : member));
  }
  if (!isObject(value)) return value;
  const members = Object.entries(value);
  return Object.fromEntries(
    members.map(([name, member]) => [name, name === first ? laid(member, rest, other) : member]),
  );
}

async function endsWithoutProgress(subject: LifecycleSubject): Promise<void> {
  const { filters = [] } = subject.declared.list ?? {};
  const queries = [
    {},
    ...filters.filter(({ name }) => name === 'name').map(() => ({ name: NAME })),
  ];
  for (const query of queries) {
    for (const limit of ['1', '3', '6']) {
      const { hostile, stage } = await stageWith(subject);
      for (const end of ['', '1', '2', '3', '4', '5']) await make(stage, NAME + end);
      const first = new Map<string, HttpResponse>();
      hostile.change = (answer, { path }) => {
        const key = /domains/.test(path) ? 'domains' : 'page';
        const known = first.get(key) ?? answer;
        first.set(key, known);
        return known;
      };
      const { items } = await walk(stage, { ...query, limit });
      const ids = items.map(upstreamIdOf);
      expect(new Set(ids).size).toBe(ids.length);
    }
  }
}

async function startsAnywhere(subject: LifecycleSubject): Promise<void> {
  const { connection } = await createStage(subject);
  const filters = new Map<string, string>();
  const known = fc.record(
    {
      after: anyJson,
      afterId: anyJson,
      first: anyJson,
      last: anyJson,
      offset: anyJson,
      page: anyJson,
      seen: anyJson,
    },
    { requiredKeys: [] },
  );
  let refused = 0;
  fc.assert(
    fc.property(fc.oneof(anyJson, known), (position) => {
      const step = connection.list?.page({ limit: 2, filters, position }).next();
      if (step === undefined) throw new Error('the target lists nothing');
      if (step.done !== true) {
        const { origin, path } = step.value;
        const { pathname, search } = new URL(origin + path);
        expect(pathname + search).toBe(path);
        return;
      }
      expect(step.value).toMatchObject({ ok: false, fault: { code: 'invalid_cursor' } });
      refused += 1;
    }),
    runs(100, 2000),
  );
  expect(refused).toBeGreaterThan(20);
}

/** Answers that are no success, and successes that show nothing. */
function answersOf(status: number, bodies: readonly string[]): readonly HttpResponse[] {
  const failures = [400, 403, 409, 500, 503].map((other) => ({ ...NOTHING, status: other }));
  return [...bodies.map((body) => ({ ...NOTHING, status, body })), ...failures];
}

function forWrites(answer: HttpResponse): Hostility['change'] {
  return (real, { method }) => (method === 'GET' ? real : answer);
}

async function createsNothing(subject: LifecycleSubject): Promise<void> {
  const { hostile, stage } = await stageWith(subject);
  const base = await baseOf(stage);
  const before = stage.ids();
  hostile.lost = true;
  for (const [i, answer] of answersOf(201, BODIES).entries()) {
    hostile.change = forWrites(answer);
    const created = await stage.create({ ...base, name: `${NAME}${i}` });
    expect(created.status).not.toBe(201);
    expectTyped(created);
    const isRefused = answer.status >= 400 && answer.status < 500;
    if (isRefused) expect(outcomeOf(created), JSON.stringify(created.body)).toBe('rejected');
  }
  expect(stage.ids()).toEqual(before);
}

async function deletesNothing(subject: LifecycleSubject): Promise<void> {
  const { hostile, stage } = await stageWith(subject);
  // A success without a body is what vendors document.
  const bodies = BODIES.filter((body) => body.trim() !== '');
  for (const [i, answer] of answersOf(200, bodies).entries()) {
    Object.assign(hostile, { change: undefined, lost: false });
    const id = await make(stage, `${NAME}${i}`);
    Object.assign(hostile, { change: forWrites(answer), lost: true });
    const deleted = await stage.remove(id);
    expect(deleted.status, JSON.stringify(answer)).not.toBe(204);
    expectTyped(deleted);
    expect(stage.sandbox.stored(id)).toBeDefined();
  }
}
