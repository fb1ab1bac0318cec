// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
import { describe, expect, test } from 'vitest';
import {
  documentWith,
  HUSH,
  naver,
  nerm,
  problemsOf,
  readable,
  targetWith,
  warningsOf,
} from './read.ts';

const HTTP = 'uses http to a host that is not loopback: use https or set allowInsecureHttp: true';
const REFERENCE = 'holds a secret itself; refer to it by ${NAME} or ${file:PATH}';
const SHORT = 'is shorter than 8 characters, so it cannot be hidden where a target repeats it';

describe('names', () => {
  const NAMES = 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -';
  test.each([
    ['a', []],
    ['0-a', []],
    ['constructor', []],
    ['a'.repeat(63), []],
    ['a'.repeat(64), [`targets.${'a'.repeat(64)}: ${NAMES}`]],
    ['a'.repeat(65), [`targets.${'a'.repeat(64)}…: ${NAMES}`]],
    ['-a', [`targets.-a: ${NAMES}`]],
    ['Acme', [`targets.Acme: ${NAMES}`]],
    ['a.b', [`targets.a…: ${NAMES}`]],
    ['a:b', [`targets.a…: ${NAMES}`]],
    ['', [`targets.…: ${NAMES}`]],
  ])('%j has the problems %j', async (name, problems) => {
    expect(await problemsOf(documentWith({ targets: { [name]: nerm } }))).toEqual(problems);
    if (problems.length > 0) return;
    const { gateway } = await readable(documentWith({ targets: { [name]: nerm } }));
    expect([...gateway.targets.keys()]).toEqual([name]);
  });

  test('that are the prototype are refused wherever they stand', async () => {
    const text = '{"version":1,"targets":{"__proto__":{}},"listen":{"__proto__":{"port":1}}}';
    expect(await problemsOf(JSON.parse(text))).toEqual([
      'targets.__proto__: cannot be used as a name',
      'listen.__proto__: cannot be used as a name',
      'targets: must not be empty',
    ]);
  });
});

describe('settings', () => {
  test.each<[title: string, settings: object, problems: string[]]>([
    ['no vendor', { vendor: undefined }, ['vendor: is missing']],
    ['an unknown vendor', { vendor: HUSH }, ['vendor: must be one of iam, naver, nerm, senlin']],
    ['a number as vendor', { vendor: 1 }, ['vendor: must be a string']],
    [
      'an id namespace that is no name',
      { idNamespace: 'A' },
      ['idNamespace: must be 1 to 63 of a-z, 0-9 and -, and not begin with -'],
    ],
    ['no time', { timeoutMs: 0 }, ['timeoutMs: must be at least 1']],
    ['more time than there is', { timeoutMs: 30_001 }, ['timeoutMs: must be at most 30000']],
    ['yes for true', { allowInsecureHttp: 'yes' }, ['allowInsecureHttp: must be true or false']],
    ['an unknown key', { tiemoutMs: 1 }, ['tiemoutMs: is not a known key']],
    [
      'an unknown key inside',
      { auth: { ...nerm.auth, tokne: HUSH } },
      ['auth.tokne: is not a known key'],
    ],
    [
      'a secret that slipped into a key',
      { auth: { ...nerm.auth, [`token:${HUSH}`]: null } },
      ['auth.token…: is not a known key'],
    ],
    ['no address', { baseUrl: undefined }, ['baseUrl: must be an http(s) URL']],
    ['another scheme', { baseUrl: `ftp://${HUSH}/` }, ['baseUrl: must be an http(s) URL']],
    [
      'credentials in the address',
      { baseUrl: `https://gw:${HUSH}@acme.example.com/api` },
      ['baseUrl: must not hold credentials, a query or a fragment'],
    ],
    [
      'a fragment in the address',
      { baseUrl: 'https://acme.example.com/#/api' },
      ['baseUrl: must not hold credentials, a query or a fragment'],
    ],
    [
      'a query in the address',
      { baseUrl: `https://acme.example.com/api?tenant=${HUSH}` },
      ['baseUrl: must not hold credentials, a query or a fragment'],
    ],
    [
      'an empty query in the address',
      { baseUrl: 'https://acme.example.com/api?' },
      ['baseUrl: must not hold credentials, a query or a fragment'],
    ],
    ['a secret for a map', { auth: HUSH }, ['auth: must be a map']],
    [
      'an unknown method',
      { auth: { method: HUSH } },
      ['auth.method: must be one of token, clientCredentials'],
    ],
    [
      'an empty secret',
      {
        auth: {
          method: 'clientCredentials',
          tokenUrl: 'https://a.example',
          clientId: 'c',
          clientSecret: '',
        },
      },
      ['auth.clientSecret: must not be empty'],
    ],
    [
      'a secret as a number',
      { auth: { method: 'token', token: 12_345_678 } },
      ['auth.token: must be a string'],
    ],
  ])('%s', async (_title, settings, problems) => {
    const expected = problems.map((problem) => `targets.acme.${problem}`);
    expect(await problemsOf(targetWith(settings))).toEqual(expected);
  });

  test.each([null, [], 'nerm', 1])('%j is no target', async (entry) => {
    expect(await problemsOf(documentWith({ targets: { acme: entry } }))).toEqual([
      'targets.acme: must be a map',
    ]);
  });
});

describe('id namespaces', () => {
  const problem = (name: string, owner: string) => [
    `targets.${name}.idNamespace: names the id namespace of targets.${owner}, which is of another vendor`,
  ];
  test.each<[title: string, targets: object, problems: string[]]>([
    [
      'two of one vendor',
      { a: { ...nerm, idNamespace: 's' }, b: { ...nerm, idNamespace: 's' } },
      [],
    ],
    ['a target’s own name', { a: nerm, b: { ...nerm, idNamespace: 'a' } }, []],
    [
      'two of two vendors',
      {
        a: { ...nerm, idNamespace: 's' },
        b: { ...naver, idNamespace: 's' },
        c: { ...nerm, idNamespace: 's' },
      },
      problem('b', 'a'),
    ],
    ['another vendor’s name', { a: nerm, b: { ...naver, idNamespace: 'a' } }, problem('b', 'a')],
    ['a later target’s name', { a: { ...naver, idNamespace: 'b' }, b: nerm }, problem('b', 'a')],
    [
      'a vendor’s target that does not open',
      { a: { ...nerm, baseUrl: '', idNamespace: 's' }, b: { ...naver, idNamespace: 's' } },
      ['targets.a.baseUrl: must be an http(s) URL', ...problem('b', 'a')],
    ],
  ])('%s', async (_title, targets, problems) => {
    expect(await problemsOf(documentWith({ targets }))).toEqual(problems);
  });
});

describe('plain http', () => {
  const client = { method: 'clientCredentials', clientId: 'c', clientSecret: '${NERM_TOKEN}' };
  test.each<[title: string, settings: object, paths: string[]]>([
    ['to loopback', { baseUrl: 'http://127.0.0.1:8788/api' }, []],
    ['to loopback by name', { baseUrl: 'http://localhost/api' }, []],
    ['to loopback of IPv6', { baseUrl: 'http://[::1]:1/api' }, []],
    ['elsewhere', { baseUrl: 'http://acme.example.com/api' }, ['baseUrl']],
    ['in capitals', { baseUrl: 'HTTP://ACME.example.com/api' }, ['baseUrl']],
    ['to a name that begins as loopback', { baseUrl: 'http://127.0.0.1.example.com' }, ['baseUrl']],
    ['by a reference', { baseUrl: '${PLAIN_URL}' }, ['baseUrl']],
    ['elsewhere, allowed', { baseUrl: 'http://acme.example.com/api', allowInsecureHttp: true }, []],
    ['for tokens', { auth: { ...client, tokenUrl: 'http://t.example/o' } }, ['auth.tokenUrl']],
    [
      'to two hosts',
      { baseUrl: 'http://a.example', auth: { ...client, tokenUrl: 'http://t.example/o' } },
      ['baseUrl', 'auth.tokenUrl'],
    ],
    [
      'to one host twice',
      { baseUrl: 'http://a.example', auth: { ...client, tokenUrl: 'http://a.example/o' } },
      ['baseUrl', 'auth.tokenUrl'],
    ],
  ])('%s', async (_title, settings, paths) => {
    const problems = paths.map((path) => `targets.acme.${path}: ${HTTP}`);
    expect(await problemsOf(targetWith(settings))).toEqual(problems);
  });
});

describe('warnings', () => {
  const token = (text: string) => targetWith({ auth: { method: 'token', token: text } });
  const WHERE = 'targets.acme.auth.token';
  test.each<[title: string, text: string, warnings: string[]]>([
    ['a reference', '${NERM_TOKEN}', []],
    ['a file', '${file:/run/token}', []],
    ['a reference in a text', 'x${NERM_TOKEN}', []],
    ['a secret', `token-${HUSH}`, [REFERENCE]],
    ['a secret with a literal sign', `token$\${${HUSH}}`, [REFERENCE]],
    ['a short secret', 'seven77', [REFERENCE, SHORT]],
    ['a secret just long enough', 'eight888', [REFERENCE]],
  ])('%s', async (_title, text, warnings) => {
    expect(await warningsOf(token(text))).toEqual(
      warnings.map((warning) => `${WHERE}: ${warning}`),
    );
  });

  test('name every secret of a target', async () => {
    const auth = { accessKey: `a-${HUSH}`, secretKey: 'short' };
    expect(await warningsOf(documentWith({ targets: { kr: { ...naver, auth } } }))).toEqual([
      `targets.kr.auth.secretKey: ${REFERENCE}`,
      `targets.kr.auth.secretKey: ${SHORT}`,
      `targets.kr.auth.accessKey: ${REFERENCE}`,
    ]);
  });
});
