import { expect, test } from 'vitest';
import { gatewayOf, lead } from './routes.ts';

// Three rules of another gateway sent requests where they did not belong: two conditions of which
// one was enough, a condition beside an alternative that was never looked at, and one on a value
// that lay too deep to be found and so never held. Here a wrong route would be a wrong write.

test('a pattern that matches does not make up for a second condition that does not', async () => {
  const gateway = await gatewayOf([
    { match: { id: 'x*', header: { 'x-stage': 'live' } }, to: 'east' },
    { to: 'north' },
  ]);
  expect(await lead(gateway, { id: 'xyz' })).toBe('north/xyz');
  expect(await lead(gateway, { id: 'xyz', headers: { 'x-stage': 'test' } })).toBe('north/xyz');
  expect(await lead(gateway, { id: 'xyz', headers: { 'x-stage': 'live' } })).toBe('east/xyz');
});

test('a condition is looked at wherever it stands among the others', async () => {
  const match = { header: { 'x-a': '1', 'x-b': '2' }, caller: 'hr' };
  const callers = { hr: { key: 'an-example-key-of-no-worth', scopes: ['profiles:read'] } };
  const all = { id: 'a', headers: { 'x-a': '1', 'x-b': '2' }, caller: 'hr' };
  for (const id of ['*', 'a', 'a*', '*a']) {
    const routes = [{ match: { ...match, id }, to: 'east' }];
    const gateway = await gatewayOf(routes, { callers });
    expect(await lead(gateway, all)).toBe('east/a');
    for (const missing of [
      { ...all, id: 'b' },
      { ...all, caller: 'crm' },
      { id: 'a', headers: all.headers },
      { ...all, headers: { 'x-a': '1' } },
      { ...all, headers: { 'x-b': '2' } },
      { ...all, headers: { 'x-a': '1', 'x-b': '3' } },
    ]) {
      const expected = id === '*' && missing.id === 'b' ? 'east/b' : 'route_not_found';
      expect(await lead(gateway, missing), JSON.stringify(missing)).toBe(expected);
    }
  }
});

test('a condition on what can never be there is refused, and one on what is there holds', async () => {
  await expect(gatewayOf([{ match: { 'header.x-a.b': '1' }, to: 'east' }])).rejects.toThrow(
    'is not a known key',
  );
  await expect(
    gatewayOf([{ match: { header: { 'x-a': { b: '1' } } }, to: 'east' }]),
  ).rejects.toThrow('must be a string');
  const gateway = await gatewayOf([
    { match: { header: { 'x-a.b.c': '1' } }, to: 'east' },
    { to: 'north' },
  ]);
  expect(await lead(gateway, { id: 'i', headers: { 'x-a.b.c': '1' } })).toBe('east/i');
  expect(await lead(gateway, { id: 'i', headers: { 'x-a': '1' } })).toBe('north/i');
});
