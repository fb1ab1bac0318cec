import { describe, expect, test } from 'vitest';
import adapter from '../../../adapters/nerm/index.ts';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { representation, tagged } from '../../../src/profiles/representation.ts';
import { createTarget } from '../../../src/upstream/target.ts';
import { clockOf } from '../../support/clock.ts';

const opened = adapter.open({
  baseUrl: 'https://acme.example.com/api',
  auth: { method: 'token', token: 'no-real-token' },
});
if (!opened.ok) throw new Error('the settings do not fit');
const { connection } = opened;
const target = createTarget({
  name: 'nerm-acme',
  idNamespace: 'nerm-acme',
  timeoutMs: 1000,
  adapter,
  connection,
  clock: clockOf(() => 0),
});
const shownAs = (content: JsonObject): JsonObject =>
  representation('emp-17', 'u-17', target, { upstreamId: 'u-17', content });

describe('a profile', () => {
  test('has its names first, and what the vendor showed in the order of the model', () => {
    const content = { updatedAt: 'then', status: 'active', attributes: { a: 1 }, name: 'Dana' };
    expect(Object.entries(shownAs(content))).toEqual([
      ['id', 'emp-17'],
      ['target', 'nerm-acme'],
      ['vendor', 'nerm'],
      ['upstreamId', 'u-17'],
      ['name', 'Dana'],
      ['status', 'active'],
      ['attributes', { a: 1 }],
      ['updatedAt', 'then'],
    ]);
  });

  test('that was not shown has its names only', () => {
    const names = { id: 'emp-17', target: 'nerm-acme', vendor: 'nerm', upstreamId: 'u-17' };
    expect(representation('emp-17', 'u-17', target, undefined)).toEqual(names);
  });
});

describe('an entity tag', () => {
  const tag = async (content: JsonObject, at = target, id = 'emp-17'): Promise<string> =>
    (await tagged(id, at, { upstreamId: 'u-17', content }, nodeDigests)).etag;

  test('comes with the text of the representation', async () => {
    const content = { name: 'Dana', attributes: { b: 1, a: 2 } };
    const { profile } = await tagged('a"b', target, { upstreamId: 'u-17', content }, nodeDigests);
    expect(JSON.parse(profile)).toEqual({ ...shownAs(content), id: 'a"b' });
    expect(Object.keys(JSON.parse(profile)).slice(0, 3)).toEqual(['id', 'target', 'vendor']);
  });

  test('is that of the profile, whichever id and target of its namespace lead to it', async () => {
    const one = await tag({ name: 'Dana' });
    expect(await tag({ name: 'Dana' }, { ...target, name: 'nerm-spare' }, 'emp-18')).toBe(one);
    expect(await tag({ name: 'Dana' }, { ...target, vendor: 'naver' })).not.toBe(one);
  });

  test('is strong, and the same whatever the order of the keys', async () => {
    const one = await tag({ name: 'Dana', attributes: { a: 1, b: { c: 2, d: 3 } } });
    expect(one).toMatch(/^"[0-9a-f]{32}"$/);
    expect(await tag({ attributes: { b: { d: 3, c: 2 }, a: 1 }, name: 'Dana' })).toBe(one);
  });

  test('is the same whatever the order of more keys than are sorted by hand', async () => {
    const keys = Array.from({ length: 20 }, (_, i) => `k${(i * 7) % 20}`);
    const inOrder = (some: readonly string[]): JsonObject => ({
      attributes: Object.fromEntries(some.map((key) => [key, { [`x${key}`]: 1, a: [{ c: 1 }] }])),
    });
    const one = await tag(inOrder(keys));
    for (const count of [1, 7, 13]) {
      const turned = [...keys.slice(count), ...keys.slice(0, count)];
      expect(await tag(inOrder(turned))).toBe(one);
      expect(await tag(inOrder(turned.slice(1)))).not.toBe(one);
    }
  });

  test.each<[string, JsonObject, JsonObject]>([
    ['the text of a number', { a: JSON.rawJSON('1.0') }, { a: 1 }],
    ['a key of the prototype', JSON.parse('{"__proto__":{"a":1}}'), {}],
    ['what stands at such a key', JSON.parse('{"__proto__":1}'), JSON.parse('{"__proto__":2}')],
    ['null', { a: null }, {}],
  ])('differs by %s', async (_, one, other) => {
    expect(await tag({ attributes: one })).not.toBe(await tag({ attributes: other }));
    expect(await tag({ attributes: one })).toBe(await tag({ attributes: { ...one } }));
  });

  test.each<[string, JsonObject]>([
    ['a value', { attributes: { a: 2 } }],
    ['a type', { attributes: { a: '1' } }],
    ['a key', { attributes: { b: 1 } }],
    ['the order of a list', { attributes: { a: [2, 1] } }],
    ['nothing', {}],
  ])('differs by %s', async (_, content) => {
    expect(await tag(content)).not.toBe(await tag({ attributes: { a: 1 } }));
    expect(await tag(content)).not.toBe(await tag({ attributes: { a: [1, 2] } }));
  });
});
