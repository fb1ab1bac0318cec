import { expect, test } from 'vitest';
import { createSealer } from '../../../src/writes/sealed-answer.ts';

const SCOPE = { caller: 'crm', id: 'acme:1', fingerprint: 'f1' };
const SECRET = 'a key of a caller';

test.each(['', 'short', 'ä€😀\u0000', '{"a":"b"}', 'x'.repeat(100_000)])(
  'who knows the key opens what was sealed (%#)',
  async (text) => {
    const sealed = await createSealer(SECRET, SCOPE).seal(text);
    expect(await createSealer(SECRET, SCOPE).open(sealed)).toBe(text);
    expect(sealed).toMatch(/^[A-Za-z0-9+/]+=*$/);
  },
);

test.each<[string, string, typeof SCOPE]>([
  ['key', 'a key of a callex', SCOPE],
  ['caller', SECRET, { ...SCOPE, caller: '' }],
  ['id', SECRET, { ...SCOPE, id: 'acme:2' }],
  ['fingerprint', SECRET, { ...SCOPE, fingerprint: 'f2' }],
  ['split of caller and id', SECRET, { ...SCOPE, caller: 'crm","acme', id: '1' }],
])('another %s opens nothing', async (_, secret, scope) => {
  const sealed = await createSealer(SECRET, SCOPE).seal('the answer');
  expect(await createSealer(secret, scope).open(sealed)).toBeUndefined();
});

test('a sealed text shows nothing of the text, and is never the same twice', async () => {
  const sealer = createSealer(SECRET, SCOPE);
  const sealed = await Promise.all([sealer.seal('CANARY'), sealer.seal('CANARY')]);
  expect(sealed[0]).not.toBe(sealed[1]);
  expect(sealed.map((text) => atob(text)).join()).not.toContain('CANARY');
});

test('what was changed, cut or never sealed does not open', async () => {
  const sealer = createSealer(SECRET, SCOPE);
  const sealed = await sealer.seal('the answer');
  const flipped = (sealed[20] === 'A' ? 'B' : 'A') + sealed.slice(21);
  const texts = [sealed.slice(0, 20) + flipped, sealed.slice(0, 24), sealed.slice(0, 8), '', '%'];
  expect(await Promise.all(texts.map(sealer.open))).toEqual(texts.map(() => undefined));
});
