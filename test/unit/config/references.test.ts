// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
import { describe, expect, test } from 'vitest';
import { resolveReferences } from '../../../src/config/references.ts';
import { documentWith, HUSH, line, problemsOf, readable, targetWith } from './read.ts';

const lookup = {
  environment: (name: string) =>
    new Map([
      ['NAME', `value-${HUSH}`],
      ['_n2', 'two'],
      ['NESTED', '${NAME}'],
      ['BLANK', ' \n'],
    ]).get(name),
  file: (path: string) => {
    if (path === '/absent') return { failure: 'cannot be read (ENOENT)' };
    return new Map([
      ['/secret', 'from a file\n'],
      ['relative/it is.txt', 'a\nb\r\n'],
      ['/empty', ''],
    ]).get(path);
  },
};
const MALFORMED =
  'has a malformed reference: ${NAME} or ${file:PATH} is one, $${ stands for ${ itself';

describe('a reference', () => {
  test.each([
    ['${NAME}', `value-${HUSH}`],
    ['a ${NAME}-${_n2}', `a value-${HUSH}-two`],
    ['${file:/secret}', 'from a file'],
    ['${file:relative/it is.txt}', 'a\nb'],
    ['${NESTED}', '${NAME}'],
    ['$${NAME}', '${NAME}'],
    ['$${', '${'],
    ['$${NAME}${_n2}', '${NAME}two'],
    ['$$${_n2}', '$${_n2}'],
    ['$NAME {NAME} $', '$NAME {NAME} $'],
    ['', ''],
  ])('in %j gives %j', (source, value) => {
    const resolved = resolveReferences({ a: [source] }, lookup);
    expect(resolved).toMatchObject({ value: { a: [value] }, problems: [] });
  });

  test.each([
    ['${ABSENT}', ['the environment has no ABSENT']],
    ['${ABSENT}${GONE}', ['the environment has no ABSENT', 'the environment has no GONE']],
    ['${BLANK}', ['BLANK of the environment is empty']],
    ['${file:/absent}', ['the file /absent cannot be read (ENOENT)']],
    ['${file:/gone}', ['the file /gone cannot be read']],
    ['${file:/empty}', ['the file /empty is empty']],
    ['${file:}', [MALFORMED]],
    ['${}', [MALFORMED]],
    ['${', [MALFORMED]],
    ['${NAME', [MALFORMED]],
    ['${NAME:-hush-hush}', [MALFORMED]],
    ['${na-me}', [MALFORMED]],
    ['${2N}', [MALFORMED]],
    ['${${NAME}}', [MALFORMED]],
  ])('in %j has the problems %j', (source, messages) => {
    const { problems } = resolveReferences({ a: { b: source } }, lookup);
    expect(problems.map(line)).toEqual(messages.map((message) => `a.b: ${message}`));
    expect(JSON.stringify(problems)).not.toContain(HUSH);
  });

  test('to a file is a problem where there are none', () => {
    const { environment } = lookup;
    expect(resolveReferences(['${file:/secret}'], { environment }).problems).toEqual([
      { path: '0', message: 'refers to a file, and this runtime reads none' },
    ]);
  });

  test('finds no inherited member of the environment', () => {
    const values: Record<string, string> = {};
    const { problems } = resolveReferences(['${toString}'], {
      environment: (name) => values[name],
    });
    expect(problems).toEqual([{ path: '0', message: 'the environment has no toString' }]);
  });
});

test('the places of references are known, literal signs are none', () => {
  const { referenced } = resolveReferences(
    { a: '${NAME}', b: ['x', '${ABSENT}'], c: '$${NAME}', d: '${NAME}$${' },
    lookup,
  );
  expect([...referenced]).toEqual(['a', 'b.1', 'd']);
});

test('the document given stays as it was, and keys are not looked into', () => {
  const document = Object.freeze({ '${NAME}': 1, list: Object.freeze(['${_n2}', null, true]) });
  const { problems, value } = resolveReferences(document, lookup);
  expect(value).toEqual({ '${NAME}': 1, list: ['two', null, true] });
  expect(problems).toEqual([]);
});

describe('bounds', () => {
  test('a document that contains itself is refused', () => {
    const document: Record<string, unknown> = { version: 1 };
    document.self = document;
    const { problems } = resolveReferences(document, lookup);
    expect(problems.map(({ message }) => message)).toEqual(['is nested deeper than 16 levels']);
  });

  test('as many values as allowed are taken, lists and maps counted, one more is not', () => {
    const problemsWith = (items: number) =>
      resolveReferences({ list: Array(items).fill(1) }, lookup).problems.length;
    expect([problemsWith(99_998), problemsWith(99_999)]).toEqual([0, 1]);
  });

  test('a document that unfolds to too many values is refused in short time', async () => {
    let wide: unknown = 'x';
    for (let level = 0; level < 15; level += 1) wide = Array.from({ length: 100 }, () => wide);
    const problems = ['the document has more than 100000 values'];
    expect(await problemsOf(documentWith({ wide }))).toEqual(problems.map((m) => `: ${m}`));
  });
});

describe('in a document', () => {
  test('a missing value is told once, and the rest is still checked', async () => {
    const document = documentWith({
      listen: { host: '${HOST}' },
      targets: {
        acme: {
          vendor: '${VENDOR}',
        },
        beta: {
          vendor: 'nerm',
          baseUrl: '${URL}',
          auth: { method: 'token', token: '${TOKEN}', scheme: 'Basic' },
        },
      },
      callers: { a: { key: '${A}', scopes: [] }, b: { key: '${BLANK}', scopes: ['${S}'] } },
    });
    expect(await problemsOf(document)).toEqual([
      'targets.acme.vendor: the environment has no VENDOR',
      'targets.beta.baseUrl: the environment has no URL',
      'targets.beta.auth.token: the environment has no TOKEN',
      'listen.host: the environment has no HOST',
      'callers.a.key: the environment has no A',
      'callers.b.key: BLANK of the environment is empty',
      'callers.b.scopes.0: the environment has no S',
      'targets.beta.auth.scheme: must be one of Bearer, Token',
      'callers.a.scopes: must not be empty',
    ]);
  });

  test('the values reach the target', async () => {
    const { gateway } = await readable(
      targetWith({ auth: { method: 'token', token: '${file:/run/token}' } }),
    );
    expect(gateway.targets.get('acme')?.connection.secrets).toEqual([
      { name: 'auth.token', value: `file-${HUSH}` },
    ]);
  });
});
