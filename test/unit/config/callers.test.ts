// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { SCOPES } from '../../../src/auth/caller.ts';
import { documentWith, HUSH, problemsOf, readable, warningsOf } from './read.ts';

const scopes = ['profiles:read', 'profiles:write'];
const LONG = `caller-${HUSH}`;
const HASH = `sha256:${createHash('sha256').update(LONG).digest('hex')}`;
const KEY = 'must be 1 to 4096 visible ASCII characters, or sha256: and 64 digits of 0-9 and a-f';
const ONE_WAY = 'must have one of key, keys and jwt';
const POINTER = 'must be a JSON Pointer such as /name or /attributes/owner';
const HTTP = 'uses http to a host that is not loopback: use https or set allowInsecureHttp: true';
const jwt = {
  jwksUrl: 'https://keys.example.com/',
  issuer: 'https://keys.example.com',
  audience: 'a',
};

async function callers(entries: object) {
  const { gateway } = await readable(documentWith({ callers: entries }));
  return gateway.callers;
}

describe('keys', () => {
  test.each([
    ['as it is', { key: LONG }],
    ['by its hash', { key: HASH }],
    ['by a reference', { key: '${HR_KEY}' }],
    ['in rotation', { keys: ['${HR_KEY}', HASH] }],
  ])('a key %s finds its caller', async (_title, keys) => {
    const book = await callers({ hr: { ...keys, scopes } });
    const sent = JSON.stringify(keys).includes('HR_KEY') ? `hr-${HUSH}` : LONG;
    expect(await book?.find(sent)).toEqual({ name: 'hr', scopes: new Set(scopes) });
    expect(await book?.find(`${sent}x`)).toBeUndefined();
    expect(await book?.find(HASH)).toBeUndefined();
  });

  test('two keys find one caller, and each caller has its own scopes', async () => {
    const book = await callers({
      hr: { keys: ['first-key', 'second-key'], scopes: ['profiles:read'] },
      it: { key: 'third-key', scopes: ['profiles:write'] },
    });
    for (const key of ['first-key', 'second-key']) {
      expect(await book?.find(key)).toEqual({ name: 'hr', scopes: new Set(['profiles:read']) });
    }
    expect(await book?.find('third-key')).toMatchObject({ name: 'it' });
  });
});

describe('problems', () => {
  test.each<[title: string, caller: unknown, problems: string[]]>([
    ['null', null, ['callers.hr: must be a map']],
    ['no key', { scopes }, ['callers.hr: must have one of key, keys and jwt']],
    [
      'both',
      { key: LONG, keys: [`other-${HUSH}`], scopes },
      ['callers.hr: must have one of key, keys and jwt'],
    ],
    ['an empty key', { key: '', scopes }, [`callers.hr.key: ${KEY}`]],
    ['a number', { key: 12_345_678, scopes }, ['callers.hr.key: must be a string']],
    ['a blank in it', { key: `a ${HUSH}`, scopes }, [`callers.hr.key: ${KEY}`]],
    ['a letter outside ASCII', { key: `é${HUSH}`, scopes }, [`callers.hr.key: ${KEY}`]],
    ['too long', { key: HUSH.repeat(456), scopes }, [`callers.hr.key: ${KEY}`]],
    ['half a hash', { key: HASH.slice(0, -1), scopes }, [`callers.hr.key: ${KEY}`]],
    ['a hash in capitals', { key: `sha256:${'A'.repeat(64)}`, scopes }, [`callers.hr.key: ${KEY}`]],
    ['no keys', { keys: [], scopes }, ['callers.hr.keys: must not be empty']],
    [
      'three keys',
      { keys: ['key-number-1', 'key-number-2', 'key-number-3'], scopes },
      ['callers.hr.keys: must have a count of at most 2'],
    ],
    [
      'one key twice',
      { keys: [LONG, LONG], scopes },
      ['callers.hr.keys.1: is the same key as callers.hr.keys.0'],
    ],
    ['no scopes', { key: LONG }, ['callers.hr.scopes: is missing']],
    ['empty scopes', { key: LONG, scopes: [] }, ['callers.hr.scopes: must not be empty']],
    [
      'an unknown scope',
      { key: LONG, scopes: ['profiles:read', HUSH] },
      [`callers.hr.scopes.1: must be one of ${SCOPES.join(', ')}`],
    ],
    [
      'an unknown key',
      { key: LONG, scopes, feilds: {} },
      ['callers.hr.feilds: is not a known key'],
    ],
    [
      'a target that is not there, and what is no name',
      { key: LONG, scopes, targets: ['acme', 'acmee', 'A*', ''] },
      [
        'callers.hr.targets.2: must be 1 to 63 of a-z, 0-9, - and *',
        'callers.hr.targets.3: must be 1 to 63 of a-z, 0-9, - and *',
      ],
    ],
    [
      'a target that is not there',
      { key: LONG, scopes, targets: ['acme', 'acmee'] },
      ['callers.hr.targets.1: names no target'],
    ],
    ['no targets', { key: LONG, scopes, targets: [] }, ['callers.hr.targets: must not be empty']],
    [
      'fields without a list',
      { key: LONG, scopes, fields: {} },
      ['callers.hr.fields.allow: is missing'],
    ],
    [
      'pointers that are none',
      { key: LONG, scopes, fields: { allow: ['', 'name', '/name/', '/a~2', '/name'] } },
      [0, 1, 2, 3].map((i) => `callers.hr.fields.allow.${i}: ${POINTER}`),
    ],
    [
      'limits that bound nothing',
      { key: LONG, scopes, limits: { requestsPerSecond: 0, burst: 0, bodyBytesMax: 300_000 } },
      [
        'callers.hr.limits.requestsPerSecond: must be at least 0.001',
        'callers.hr.limits.burst: must be at least 1',
        'callers.hr.limits.bodyBytesMax: must be at most 262144',
      ],
    ],
    [
      'a burst alone',
      { key: LONG, scopes, limits: { burst: 5 } },
      ['callers.hr.limits.burst: takes effect with requestsPerSecond only'],
    ],
    ['a key and tokens', { key: LONG, jwt, scopes }, [`callers.hr: ${ONE_WAY}`]],
    [
      'tokens of nobody',
      { jwt: {}, scopes },
      [
        'callers.hr.jwt.jwksUrl: is missing',
        'callers.hr.jwt.issuer: is missing',
        'callers.hr.jwt.audience: is missing',
      ],
    ],
    [
      'keys in the clear',
      { jwt: { ...jwt, jwksUrl: `http://${HUSH}.example.com/` }, scopes },
      [`callers.hr.jwt.jwksUrl: ${HTTP}`],
    ],
    ...[
      `https://a:${HUSH}@b.example.com/`,
      'ftp://b.example.com/',
      'https://b.example.com/#a',
      'x',
    ].map((jwksUrl): [string, unknown, string[]] => [
      `keys at ${jwksUrl}`,
      { jwt: { ...jwt, jwksUrl }, scopes },
      ['callers.hr.jwt.jwksUrl: must be an http or https URL without credentials and fragment'],
    ]),
    [
      "an issuer's name of a scope that is none of ours",
      { jwt: { ...jwt, scopeNames: { read: 'read' } }, scopes },
      [`callers.hr.jwt.scopeNames.read: must be one of ${SCOPES.join(', ')}`],
    ],
  ])('%s', async (_title, caller, problems) => {
    expect(await problemsOf(documentWith({ callers: { hr: caller } }))).toEqual(problems);
  });

  test.each([
    ['the same text', LONG],
    ['its hash', HASH],
  ])('two callers with one key, the second by %s', async (_title, key) => {
    const document = documentWith({
      callers: { hr: { key: LONG, scopes }, it: { keys: ['another-key', key], scopes: 'none' } },
    });
    expect(await problemsOf(document)).toEqual([
      'callers.it.scopes: must be a list',
      'callers.it.keys.1: is the same key as callers.hr.key',
    ]);
  });

  test('a name that is none, and no callers at all', async () => {
    const caller = { key: LONG, scopes };
    expect(await problemsOf(documentWith({ callers: { HR: caller } }))).toEqual([
      'callers.HR: must be 1 to 63 of a-z, 0-9 and -, and not begin with -',
    ]);
    expect(await problemsOf(documentWith({ listen: { host: '0.0.0.0' }, callers: {} }))).toEqual([
      'callers: must not be empty: leave it out to serve loopback only',
    ]);
    expect(await problemsOf(documentWith({ callers: null }))).toEqual(['callers: must be a map']);
  });
});

test('a key that stands in the document is warned of, a hash or a reference is not', async () => {
  const warnings = await warningsOf(
    documentWith({
      callers: {
        a: { key: '${HR_KEY}', scopes },
        b: { key: HASH, scopes },
        c: { keys: [`c-${HUSH}`, 'short'], scopes },
      },
    }),
  );
  const where = warnings.map((warning) => warning.split(': ')[0]);
  expect(where).toEqual(['callers.c.keys.0', 'callers.c.keys.1', 'callers.c.keys.1']);
});

test('the scope admin includes admin:read, which beside it is warned of', async () => {
  const scopesOf = async (...given: string[]) => {
    const book = await callers({ ops: { key: HASH, scopes: given } });
    return (await book?.find(LONG))?.scopes;
  };
  expect(await scopesOf('admin')).toEqual(new Set(['admin', 'admin:read']));
  expect(await scopesOf('admin:read')).toEqual(new Set(['admin:read']));
  const both = { key: HASH, scopes: ['profiles:read', 'admin:read', 'admin'] };
  expect(await warningsOf(documentWith({ callers: { ops: both } }))).toEqual([
    'callers.ops.scopes.1: is included in admin',
  ]);
  const one = { key: HASH, scopes: ['profiles:read', 'admin:read'] };
  expect(await warningsOf(documentWith({ callers: { ops: one } }))).toEqual([]);
});

test('callers of one issuer must be told apart by what their tokens say', async () => {
  const other = { ...jwt, match: { sub: 'hr' } };
  const document = documentWith({
    callers: {
      a: { jwt, scopes },
      b: { jwt: other, scopes },
      c: { jwt: { ...jwt, scopeClaim: 'scp' }, scopes },
      d: { jwt: { ...other, audience: 'd' }, scopes },
    },
  });
  expect(await problemsOf(document)).toEqual([
    'callers.c.jwt: takes the same tokens as callers.a.jwt',
  ]);
});

test('keys may travel in the clear on loopback, and where it is allowed', async () => {
  const near = { ...jwt, jwksUrl: 'http://127.0.0.1:9/keys' };
  const far = { ...jwt, jwksUrl: 'http://keys.example.com/', allowInsecureHttp: true };
  expect(await warningsOf(documentWith({ callers: { a: { jwt: near, scopes } } }))).toEqual([]);
  expect(await warningsOf(documentWith({ callers: { a: { jwt: far, scopes } } }))).toEqual([]);
});

test('a pointer and a glob that lead nowhere are warned of', async () => {
  const allow = ['/name', '/attributes/a/b', '/extensions', '/extension', '/nam', '/name/x'];
  const caller = { key: HASH, scopes, targets: ['ac*', 'nerm-*'], fields: { allow } };
  expect(await warningsOf(documentWith({ callers: { hr: caller } }))).toEqual([
    'callers.hr.targets.1: fits no target',
    'callers.hr.fields.allow.3: names no field of any vendor',
    'callers.hr.fields.allow.4: names no field of any vendor',
    'callers.hr.fields.allow.5: names no field of any vendor',
  ]);
});
