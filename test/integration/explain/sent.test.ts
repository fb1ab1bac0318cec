import { describe, expect, test } from 'vitest';
import {
  type HttpRequest,
  isList,
  isObject,
  type Json,
  type JsonObject,
  own,
  parseExact,
  pointerTo,
} from '../../../src/adapter-kit/index.ts';
import type { Explanation } from '../../../src/profiles/explain-patch.ts';
import type { Target } from '../../../src/upstream/target.ts';
import type { Sent } from '../../support/in-memory.ts';
import { SENLIN } from '../../support/profiles.ts';
import { explain, start, targetOf, write } from './explaining.ts';
import { CASES } from './patches.ts';

type Explained = Explanation['requests'][number];

/** A request that was sent, with what differs each time and what is secret named. */
function shown(request: HttpRequest, { connection, redactor }: Target, isToken: boolean) {
  const { authorization } = connection;
  const changing = authorization.kind === 'signature' ? authorization.volatileHeaders : [];
  const token = authorization.kind === 'token' && !isToken ? authorization.header : undefined;
  const headers = Object.entries(request.headers).map(([name, value]) => {
    if (changing.includes(name)) return [name, '«volatile»'];
    return [name, name === token ? '«token»' : redactor.text(value)];
  });
  const { body, method, origin, path } = request;
  const text = body === undefined ? {} : { body: redactor.text(body) };
  return { method, url: origin + path, headers: Object.fromEntries(headers), ...text };
}

/** Pointers of all values of a body that hold no others. */
function leaves(value: Json, pointer = ''): string[] {
  const members: (readonly [string, Json])[] = isObject(value)
    ? Object.entries(value)
    : isList(value)
      ? value.map((item, i) => [String(i), item] as const)
      : [];
  if (members.length === 0) return [pointer];
  return members.flatMap(([key, member]) => leaves(member, pointerTo(pointer, key)));
}

function expectProvenance({ body, pointers, provenance, step }: Explained): void {
  if (step === 'token' || body === undefined) return;
  const document = parseExact(body) ?? null;
  const named = Object.keys(provenance);
  const covers = (leaf: string) => named.some((name) => `${leaf}/`.startsWith(`${name}/`));
  expect(leaves(document).filter((leaf) => !covers(leaf))).toEqual([]);
  expect(
    named.filter((name) => !leaves(document).some((leaf) => `${leaf}/`.startsWith(`${name}/`))),
  ).toEqual([]);
  for (const source of Object.values(provenance)) {
    if (source === '/attributes' || !source.startsWith('/')) continue;
    expect(pointers).toContain(source);
  }
}

describe.each(Object.entries(CASES))('%s', (_, cases) => {
  test.each(cases)('explains what it sends for $patch', async (one) => {
    const started = await start();
    const target = targetOf(started, one.id);
    const { explanation } = await explain(started, one, '?read=true');
    expect(started.changes()).toEqual([]);
    expect(explanation.prediction).toBe(one.noop === true ? 'noop' : 'write');

    const sent = await write(started, one);
    const { length } = explanation.requests;
    const expected = explanation.requests.map(({ body, headers, method, url }) => ({
      method,
      url,
      headers,
      ...(body === undefined ? {} : { body }),
    }));
    const given = sent
      .slice(0, length)
      .map((request, i) => shown(request, target, explanation.requests[i]?.step === 'token'));
    expect(given).toEqual(expected);
    // What follows are reads: nothing is written that was not explained.
    expect(sent.slice(length).filter(({ method }) => method !== 'GET')).toEqual([]);
    for (const request of explanation.requests) expectProvenance(request);
    const carried = explanation.requests.flatMap(({ pointers }) => pointers);
    expect(new Set(carried).size).toBe(carried.length);
    expect(started.changes().length > 0).toBe(one.noop !== true && one.unchanged !== true);
  });

  test.each(cases)('asks nobody without leave for $patch', async (one) => {
    const started = await start();
    const { explanation } = await explain(started, one);
    expect(started.explaining.sent).toEqual([]);
    expect(explanation).not.toHaveProperty('before');
    if (one.noop === true) return;
    const sent = await write(started, one);
    const target = targetOf(started, one.id);
    for (const [i, request] of explanation.requests.entries()) {
      const actual = shown(sent[i] as Sent, target, request.step === 'token');
      expect(actual).toMatchObject({ method: request.method, url: request.url });
      expect(actual.headers).toEqual(request.headers);
      const isUntold = request.body === undefined && request.dependsOnRead;
      if (!isUntold) expect(own(actual, 'body')).toBe(request.body);
    }
  });
});

test('of a map that is written back whole each key has its source, an empty map too', async () => {
  const started = await start();
  const senlin = started.set.byFolder.get('senlin');
  senlin?.outsideWrite(SENLIN.slice(SENLIN.indexOf(':') + 1), { metadata: { a: 1, b: 2 } });
  const source = async (attributes: JsonObject) => {
    const one = { id: SENLIN, patch: { attributes } };
    const { requests } = (await explain(started, one, '?read=true')).explanation;
    for (const request of requests) expectProvenance(request);
    return requests.at(-1)?.provenance;
  };
  expect(await source({ a: null, c: 3 })).toEqual({
    '/profile/metadata/b': 'the current profile',
    '/profile/metadata/c': '/attributes/c',
  });
  expect(await source({ a: null, b: null })).toEqual({ '/profile/metadata': '/attributes' });
});
