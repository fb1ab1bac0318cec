import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

test('nothing in src/ knows of the vendor made up for tests', () => {
  const source = new URL('../../../src/', import.meta.url);
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((path) =>
    path.endsWith('.ts'),
  );
  expect(files.length).toBeGreaterThan(50);
  const naming = files.filter((path) => /acme/i.test(readFileSync(new URL(path, source), 'utf8')));
  expect(naming).toEqual([]);
});

test('its folder imports the contract and zod only', () => {
  const folder = new URL('./acme/', import.meta.url);
  const kits = String.raw`(?:\.\./){4,5}(?:src/adapter-kit/index|adapters/sandbox-kit/sandbox)\.ts`;
  const allowed = new RegExp(String.raw`^(?:zod/mini|hono|\.{1,2}/\w+\.ts|${kits})$`);
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const froms = files.flatMap((name) => {
    if (!name.endsWith('.ts')) return [];
    const text = readFileSync(new URL(name, folder), 'utf8');
    return [...text.matchAll(/from '([^']+)'/g)].map(([, from = '']) => from);
  });
  expect(froms.length).toBeGreaterThan(2);
  expect(froms.filter((from) => !allowed.test(from))).toEqual([]);
});
