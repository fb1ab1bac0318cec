// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { CLI, node, run } from '../../support/child.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-check-'));
afterAll(() => rmSync(folder, { recursive: true }));

const auth = { method: 'token', token: '${TOKEN}' };
const nerm = { vendor: 'nerm', baseUrl: 'https://acme.example.com/api', auth };

function check(
  document: JsonObject,
  env: Record<string, string> = {},
  ...flags: readonly string[]
) {
  const path = join(folder, 'gateway.json');
  writeFileSync(path, JSON.stringify({ version: 1, ...document }));
  const set = { TOKEN: 'a-token-that-opens-nothing', RULE: 'from-outside-*', ...env };
  return run(node([CLI, 'check', path, ...flags], { env: set }));
}

test('tells the routes in their order and what is odd about them', async () => {
  const { code, stderr, stdout } = await check({
    targets: {
      a: nerm,
      b: { ...nerm, idNamespace: 'a' },
      spare: { ...nerm, idNamespace: 'a' },
      c: nerm,
    },
    routes: [
      { match: { id: 'emp-*', header: { 'x-tenant': 'acme' } }, to: 'a', handling: 'strict' },
      {
        match: { id: 'job-*' },
        split: [
          { to: 'a', weight: 90 },
          { to: 'b', weight: 10 },
        ],
      },
      { match: { id: '${RULE}' }, to: 'b', fallback: ['spare'] },
      { match: { id: 'job-1*' }, to: 'b' },
    ],
  });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.split('\n').map((line) => line.trim())).toEqual([
    'routes, the first that fits decides:',
    'target:id  -> the target that the id names',
    'routes.0  id emp-*, header x-tenant: acme -> a (strict handling)',
    'routes.1  id job-* -> a (90) | b (10)',
    'routes.2  id «secret:routes.2.match.id» -> b (else spare)',
    'routes.3  id job-1* -> b',
    'otherwise  -> 404 route_not_found',
    'one lock for the profiles of: a, b, spare, c',
    'warnings:',
    'routes.3: is never used: routes.1 takes all that it could',
    'targets.c: no rule leads here, only ids that name it',
    expect.stringMatching(/^version: [0-9a-f]{16}$/),
    '',
  ]);
});

test('has no warnings where there is nothing to warn of', async () => {
  const { code, stdout } = await check({ targets: { a: nerm }, routes: [{ to: 'a' }] });
  expect(code).toBe(0);
  expect(stdout).toContain('routes.0  any id -> a\nwarnings: none\n');
});

test.each([
  ['that stand in the file', 'a-literal-secret', /auth\.token: holds a secret itself/],
  ['that are short', 's3cret', /auth\.token: is shorter than 8 characters/],
  ['that can be guessed', 'aaaabbbbaaaa', /auth\.token: is made of few different characters/],
])('warns of secrets %s', async (_, token, words) => {
  const { code, stdout } = await check({
    targets: { a: { ...nerm, auth: { method: 'token', token } } },
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(words);
  expect(stdout).not.toContain(token);
});

test('tells every problem of one that cannot be used', async () => {
  const { code, stderr, stdout } = await check({ targets: {}, surprise: 1 }, { TOKEN: '' });
  expect({ code, stdout }).toEqual({ code: 78, stdout: '' });
  expect(stderr).toBe('targets: must not be empty\nsurprise: is not a known key\n');
});

test('asks for one file', async () => {
  const result = await run(node([CLI, 'check']));
  expect(result).toMatchObject({
    code: 64,
    stderr: expect.stringMatching(/^usage: profile-gateway check FILE/),
  });
});

describe('--json', () => {
  test('prints the routes as configured, the warnings and the version', async () => {
    const { code, stderr, stdout } = await check(
      { targets: { a: nerm, b: nerm }, routes: [{ to: 'a' }] },
      {},
      '--json',
    );
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      problems: [],
      warnings: ['targets.b: no rule leads here, only ids that name it'],
      routes: [{ to: 'a' }],
      sharedLocks: [['a', 'b']],
      version: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });

  test('prints every problem with its path', async () => {
    const { code, stderr, stdout } = await check({ targets: {}, surprise: 1 }, {}, '--json');
    expect({ code, stderr }).toEqual({ code: 78, stderr: '' });
    expect(JSON.parse(stdout)).toEqual({
      problems: [
        { path: 'targets', message: 'must not be empty' },
        { path: 'surprise', message: 'is not a known key' },
      ],
      warnings: [],
      routes: [],
    });
  });
});
