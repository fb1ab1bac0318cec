import { describe, expect, test } from 'vitest';
import { documentWith, hr, naver, nerm, problemsOf, readable } from './read.ts';

test('a document without problems becomes a gateway', async () => {
  const { gateway, listen, warnings } = await readable({
    version: 1,
    listen: { host: '0.0.0.0', port: 0 },
    targets: { zeta: nerm, acme: { ...naver, idNamespace: 'shared', timeoutMs: 500 } },
    routes: [{ to: 'acme' }],
    callers: { hr },
  });
  expect(listen).toEqual({ host: '0.0.0.0', port: 0, drainDelayMs: 5000 });
  expect(warnings).toEqual([]);
  expect([...gateway.targets.keys()]).toEqual(['zeta', 'acme']);
  expect(gateway.router.routes).toMatchObject([{ path: 'routes.0', conditions: [] }]);
  expect(gateway.router.routes[0]?.shares[0]?.target).toBe(gateway.targets.get('acme'));
  expect(gateway.targets.get('acme')).toMatchObject({
    name: 'acme',
    vendor: 'naver',
    idNamespace: 'shared',
    timeoutMs: 500,
  });
});

test('what is left out has a default', async () => {
  const { gateway, listen } = await readable(documentWith({}));
  expect(listen).toEqual({ host: '127.0.0.1', port: 8787, drainDelayMs: 5000 });
  expect(gateway.router.routes).toEqual([]);
  expect(gateway.links).toBeUndefined();
  expect(gateway.callers).toBeUndefined();
  expect(gateway.targets.get('acme')).toMatchObject({ idNamespace: 'acme', timeoutMs: 10_000 });
  const half = await readable(documentWith({ listen: { port: 1 } }));
  expect(half.listen).toMatchObject({ host: '127.0.0.1', port: 1 });
});

describe('parts', () => {
  const PORT = ['listen.port: must be at most 65535', 'listen.port: must be at least 0'];
  test.each<[title: string, document: unknown, problems: string[]]>([
    ['nothing', undefined, [': is missing']],
    ['null', null, [': must be a map']],
    ['a list', [], [': must be a map']],
    ['no version', { targets: { acme: nerm } }, ['version: is missing']],
    ['another version', documentWith({ version: '1' }), ['version: must be 1']],
    ['no targets', { version: 1 }, ['targets: is missing']],
    ['links where none are kept', documentWith({ links: 'x' }), ['links: cannot be kept here']],
    ['links without a name', documentWith({ links: '' }), ['links: must not be empty']],
    ['empty targets', documentWith({ targets: {} }), ['targets: must not be empty']],
    ['null targets', documentWith({ targets: null }), ['targets: must be a map']],
    ['a list of targets', documentWith({ targets: [nerm] }), ['targets: must be a map']],
    ['a port over the range', documentWith({ listen: { port: 65_536 } }), [PORT[0] ?? '']],
    ['a port below the range', documentWith({ listen: { port: -1 } }), [PORT[1] ?? '']],
    [
      'half a port',
      documentWith({ listen: { port: 0.5 } }),
      ['listen.port: must be a whole number'],
    ],
    ['a port as text', documentWith({ listen: { port: '80' } }), ['listen.port: must be a number']],
    [
      'a host that all can reach, beside another problem',
      documentWith({ listen: { host: '0.0.0.0', port: '80' } }),
      ['listen.port: must be a number', 'listen.host: must be loopback while there are no callers'],
    ],
    [
      'an address as host',
      documentWith({ listen: { host: 'http://localhost' } }),
      [
        'listen.host: must be a host name or an IP address',
        'listen.host: must be loopback while there are no callers',
      ],
    ],
    [
      'unknown keys',
      documentWith({ lniks: './l', listen: { hots: 'a' }, constructor: 1 }),
      [
        'listen.hots: is not a known key',
        'lniks: is not a known key',
        'constructor: is not a known key',
      ],
    ],
  ])('%s', async (_title, document, problems) => {
    expect(await problemsOf(document)).toEqual(problems);
  });
});

describe('routes', () => {
  test.each<[title: string, routes: unknown, problems: string[]]>([
    ['to a target', [{ to: 'acme' }], []],
    ['none', [], []],
    ['null', null, ['routes: must be a list']],
    ['to an unknown target', [{ to: 'other' }], ['routes.0.to: names no target']],
    ['to a name of all objects', [{ to: 'toString' }], ['routes.0.to: names no target']],
    ['to nothing', [{}], ['routes.0: must have either to or split']],
    ['with no condition', [{ match: {}, to: 'acme' }], []],
    [
      'with an unknown condition',
      [{ match: { ip: '*' }, to: 'acme' }],
      ['routes.0.match.ip: is not a known key'],
    ],
    ['that is none', ['acme', null], ['routes.0: must be a map', 'routes.1: must be a map']],
  ])('%s', async (_title, routes, problems) => {
    expect(await problemsOf(documentWith({ routes }))).toEqual(problems);
  });

  test('to a target that has problems of its own are no second problem', async () => {
    const document = documentWith({
      targets: { acme: { vendor: 'acme' } },
      routes: [{ to: 'acme' }],
    });
    expect(await problemsOf(document)).toEqual([
      'targets.acme.vendor: must be one of iam, naver, nerm, senlin',
    ]);
  });
});

describe('without callers', () => {
  const REFUSED = ['listen.host: must be loopback while there are no callers'];
  test.each([
    ['127.0.0.1', []],
    ['127.8.8.8', []],
    ['localhost', []],
    ['::1', []],
    ['0.0.0.0', REFUSED],
    ['::', REFUSED],
    ['10.0.0.1', REFUSED],
    ['127.0.0.1.example.com', REFUSED],
    ['localhost.example.com', REFUSED],
  ])('the gateway on %s has the problems %j', async (host, problems) => {
    expect(await problemsOf(documentWith({ listen: { host } }))).toEqual(problems);
    expect(await problemsOf(documentWith({ listen: { host }, callers: { hr } }))).toEqual([]);
  });
});

test('every problem of a document is told at once', async () => {
  const problems = await problemsOf({
    version: 2,
    lsiten: {},
    listen: { host: '0.0.0.0', port: 70_000 },
    targets: {
      'Not A Name': { vendor: 'naver' },
      acme: { ...nerm, baseUrl: 'acme', idNamespace: '', timeoutMs: 0, extra: true },
      other: { vendor: 'other' },
      none: null,
    },
    routes: [{ to: 'nobody' }, {}],
    callers: { hr: { key: '', keys: [], scopes: 'all' } },
  });
  expect(problems).toMatchInlineSnapshot(`
    [
      "version: must be 1",
      "listen.port: must be at most 65535",
      "lsiten: is not a known key",
      "targets.Not…: must be 1 to 63 of a-z, 0-9 and -, and not begin with -",
      "targets.Not….baseUrl: must be an http(s) URL",
      "targets.Not….auth: is missing",
      "targets.acme.idNamespace: must be 1 to 63 of a-z, 0-9 and -, and not begin with -",
      "targets.acme.timeoutMs: must be at least 1",
      "targets.acme.baseUrl: must be an http(s) URL",
      "targets.acme.extra: is not a known key",
      "targets.other.vendor: must be one of iam, naver, nerm, senlin",
      "targets.none: must be a map",
      "callers.hr.key: must be 1 to 4096 visible ASCII characters, or sha256: and 64 digits of 0-9 and a-f",
      "callers.hr.keys: must not be empty",
      "callers.hr.scopes: must be a list",
      "callers.hr: must have one of key, keys and jwt",
      "routes.0.to: names no target",
      "routes.1: must have either to or split",
    ]
  `);
});
