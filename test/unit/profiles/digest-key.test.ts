import { expect, test } from 'vitest';
import { adapters } from '../../../adapters/index.ts';
import { nodeDigests } from '../../../src/node/digests.ts';
import { digestKey, type KeyedParts } from '../../../src/profiles/idempotency/digest-key.ts';
import { createWebDigests } from '../../../src/workers/web-crypto-digests.ts';
import { parsePatchText } from '../../../src/writes/parse-patch.ts';
import { patchSchema } from '../../../src/writes/patch-schema.ts';

const schema = patchSchema(adapters);

function patchOf(text: string): KeyedParts['patch'] {
  const parsed = parsePatchText(text);
  if (!parsed.ok) throw new Error(text);
  return schema.parse(parsed.value);
}

const PARTS: KeyedParts = {
  secret: 'the key',
  caller: 'crm',
  id: 'acme:1',
  patch: patchOf('{"name":"a","attributes":{"x":10,"y":{"a":[1,2],"b":null}}}'),
  preferences: { handling: 'strict', atomic: false, minimal: false },
  conditions: { ifMatch: ['"a"', '"b"'] },
};

const digestsOf = (parts: Partial<KeyedParts> = {}, digests = nodeDigests) =>
  digestKey(digests, { ...PARTS, ...parts });

const conditioned = (conditions: KeyedParts['conditions']) => ({ conditions });
const preferring = (one: Partial<KeyedParts['preferences']>) => ({
  preferences: { ...PARTS.preferences, ...one },
});

test.each<[string, Partial<KeyedParts>]>([
  [
    'other order of members',
    { patch: patchOf('{"attributes":{"y":{"b":null,"a":[1,2]},"x":10},"name":"a"}') },
  ],
  [
    'other form of numbers',
    { patch: patchOf('{"name":"a","attributes":{"x":1.0e1,"y":{"a":[1.00,2],"b":null}}}') },
  ],
  [
    'other escapes',
    {
      patch: patchOf(
        String.raw`{"name":"\u0061","attributes":{"\u0078":10,"y":{"a":[1,2],"b":null}}}`,
      ),
    },
  ],
  ['other order of tags', conditioned({ ifMatch: ['"b"', '"a"', '"b"'] })],
])('a request with %s is the same', async (_, parts) => {
  expect(await digestsOf(parts)).toEqual(await digestsOf());
});

test.each<[string, Partial<KeyedParts>]>([
  ['value', { patch: patchOf('{"name":"b","attributes":{"x":10,"y":{"a":[1,2],"b":null}}}') }],
  [
    'order of a list',
    { patch: patchOf('{"name":"a","attributes":{"x":10,"y":{"a":[2,1],"b":null}}}') },
  ],
  ['type', { patch: patchOf('{"name":"a","attributes":{"x":"10","y":{"a":[1,2],"b":null}}}') }],
  ['number of members', { patch: patchOf('{"name":"a","attributes":{"x":10}}') }],
  ['handling', preferring({ handling: 'lenient' })],
  ['atomicity', preferring({ atomic: true })],
  ['return', preferring({ minimal: true })],
  ['tag', conditioned({ ifMatch: ['"a"'] })],
  ['any tag', conditioned({ ifMatch: '*' })],
  ['kind of condition', conditioned({ ifNoneMatch: ['"a"', '"b"'] })],
  ['no condition', conditioned({})],
])('a request with another %s is another one under the same key', async (_, parts) => {
  const [first, other] = [await digestsOf(), await digestsOf(parts)];
  expect(other.keyHash).toBe(first.keyHash);
  expect(other.fingerprint).not.toBe(first.fingerprint);
});

test('a key counts for one caller and one id', async () => {
  const all = [
    {},
    { caller: '' },
    { caller: 'crmacme' },
    { caller: 'crm","acme:1', id: '' },
    { id: 'acme:2' },
    { secret: 'the kez' },
    { id: 'acme:1the', secret: ' key' },
  ];
  const hashes = await Promise.all(all.map(async (parts) => (await digestsOf(parts)).keyHash));
  expect(new Set(hashes).size).toBe(all.length);
});

test('the digests do not show the key, and those of one request differ under another key', async () => {
  const [one, two] = [await digestsOf(), await digestsOf({ secret: 'another key' })];
  expect(JSON.stringify(one)).not.toContain('the key');
  expect(one.keyHash).toMatch(/^[0-9a-f]{64}$/);
  expect(two.fingerprint).not.toBe(one.fingerprint);
});

test('both runtimes have the same digests', async () => {
  expect(await digestsOf({}, createWebDigests())).toEqual(await digestsOf());
});
