import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import {
  type Call,
  call,
  errorsOf,
  expectProblem,
  MERGE_PATCH,
  part,
  patch,
} from '../../support/client.ts';
import { type RunningGateway, startGateway } from '../../support/gateway.ts';
import {
  changesSeen,
  IAM,
  keystoneTarget,
  NAVER,
  NERM,
  naverTarget,
  SENLIN,
} from '../../support/profiles.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  const targets = { 'keystone-demo': keystoneTarget, 'naver-two': naverTarget() };
  gateway = await startGateway({ targets });
});
afterAll(() => gateway.stop());

const deep = (levels: number): string => `${'{"x":'.repeat(levels)}1${'}'.repeat(levels)}`;
const duration = (durationSeconds: number) => ({ extensions: { naver: { durationSeconds } } });

/** id, patch, code, then pointer and code of each field error. */
const refused: [string, string, JsonObject | string, string, [string, string][]][] = [
  [
    'a field of others',
    SENLIN,
    { description: 'x' },
    'unsupported_patch',
    [['/description', 'unsupported_field']],
  ],
  [
    'every one of them',
    SENLIN,
    { description: 'x', status: 'active', name: '' },
    'unsupported_patch',
    [
      ['/description', 'unsupported_field'],
      ['/status', 'unsupported_field'],
      ['/name', 'constraint_violated'],
    ],
  ],
  [
    'read-only names',
    NERM,
    { id: 'x', createdAt: null, vendor: 1 },
    'unsupported_patch',
    [
      ['/id', 'read_only'],
      ['/createdAt', 'read_only'],
      ['/vendor', 'read_only'],
    ],
  ],
  [
    'a read-only extension',
    SENLIN,
    { extensions: { senlin: { type: 'x' } } },
    'unsupported_patch',
    [['/extensions/senlin/type', 'read_only']],
  ],
  [
    "another vendor's extension",
    SENLIN,
    duration(900),
    'unsupported_patch',
    [['/extensions/naver/durationSeconds', 'unsupported_field']],
  ],
  [
    'a number in text',
    NERM,
    { attributes: { cost_centre: 7 } },
    'unsupported_patch',
    [['/attributes/cost_centre', 'wrong_type']],
  ],
  [
    'a list in text',
    NERM,
    { attributes: { 'a/b~c': [1] } },
    'unsupported_patch',
    [['/attributes/a~1b~0c', 'wrong_type']],
  ],
  [
    'a wiped map',
    NERM,
    { attributes: null },
    'unsupported_patch',
    [['/attributes', 'not_nullable']],
  ],
  [
    'attributes where there are none',
    NAVER,
    { attributes: { a: 'x' } },
    'unsupported_patch',
    [['/attributes/a', 'unsupported_field']],
  ],
  [
    'a name too long',
    NAVER,
    { name: 'n'.repeat(31) },
    'unsupported_patch',
    [['/name', 'constraint_violated']],
  ],
  ['a short name', NAVER, { name: 'ab' }, 'unsupported_patch', [['/name', 'constraint_violated']]],
  [
    'a description of too many bytes',
    NAVER,
    { description: '가'.repeat(101) },
    'unsupported_patch',
    [['/description', 'constraint_violated']],
  ],
  [
    'a duration out of range',
    NAVER,
    duration(599),
    'unsupported_patch',
    [['/extensions/naver/durationSeconds', 'constraint_violated']],
  ],
  [
    'a status of others',
    NAVER,
    { status: 'on_leave' },
    'unsupported_patch',
    [['/status', 'wrong_type']],
  ],
  [
    'a null that clears nothing',
    NAVER,
    { extensions: { naver: { durationSeconds: null } } },
    'unsupported_patch',
    [['/extensions/naver/durationSeconds', 'not_nullable']],
  ],
  [
    'a name that is no name',
    IAM,
    { name: ' blank ' },
    'unsupported_patch',
    [['/name', 'constraint_violated']],
  ],
  ['an unknown name', NAVER, { nickname: 'x' }, 'invalid_patch', [['/nickname', 'unknown_field']]],
  [
    'an unknown vendor',
    NAVER,
    { extensions: { acme: { x: 1 } } },
    'invalid_patch',
    [['/extensions/acme', 'unknown_field']],
  ],
  [
    'an unknown extension',
    NAVER,
    { extensions: { naver: { x: 1 } } },
    'invalid_patch',
    [['/extensions/naver/x', 'unknown_field']],
  ],
  [
    'null for name and status',
    NERM,
    { name: null, status: null },
    'invalid_patch',
    [
      ['/name', 'not_nullable'],
      ['/status', 'not_nullable'],
    ],
  ],
  [
    'null for extensions',
    NERM,
    { extensions: null },
    'invalid_patch',
    [['/extensions', 'not_nullable']],
  ],
  [
    'null for a vendor',
    NERM,
    { extensions: { nerm: null } },
    'invalid_patch',
    [['/extensions/nerm', 'not_nullable']],
  ],
  ['a status of nobody', NERM, { status: 'gone' }, 'invalid_patch', [['/status', 'wrong_type']]],
  [
    'other types',
    NERM,
    { name: 1, description: [], attributes: 'x' },
    'invalid_patch',
    [
      ['/name', 'wrong_type'],
      ['/description', 'wrong_type'],
      ['/attributes', 'wrong_type'],
    ],
  ],
  ['a list', NERM, '[]', 'invalid_patch', [['', 'wrong_type']]],
  ['null', NERM, 'null', 'invalid_patch', [['', 'wrong_type']]],
  ['a text', NERM, '"name"', 'invalid_patch', [['', 'wrong_type']]],
  ['a number', NERM, '1.0', 'invalid_patch', [['', 'wrong_type']]],
  ['a key twice', NERM, '{"name":"a","name":"b"}', 'invalid_patch', [['/name', 'duplicate_key']]],
  [
    'a key twice in two spellings',
    SENLIN,
    '{"attributes":{"a":[{"k":1,"\\u006b":2}]}}',
    'invalid_patch',
    [['/attributes/a/0/k', 'duplicate_key']],
  ],
  [
    'numbers that would change',
    SENLIN,
    '{"attributes":{"a":12345678901234567890,"b":1e400,"c":0.1000000000000000055511151231257827}}',
    'invalid_patch',
    [
      ['/attributes/a', 'number_not_exact'],
      ['/attributes/b', 'number_not_exact'],
      ['/attributes/c', 'number_not_exact'],
    ],
  ],
  ['too deep a nest', SENLIN, `{"attributes":${deep(32)}}`, 'invalid_patch', [['', 'too_deep']]],
  ['a bottomless nest', SENLIN, '['.repeat(200_000), 'invalid_patch', [['', 'too_deep']]],
];

describe('nothing is sent for', () => {
  it.each(refused)('%s', async (_, id, body, code, expected) => {
    const [seen, changes] = [gateway.upstream.length, changesSeen(gateway)];
    const answer = await patch(gateway.origin, id, body);
    expectProblem(answer, 422, code);
    expect(errorsOf(answer).map((error) => [error.pointer, error.code])).toEqual(expected);
    for (const error of errorsOf(answer)) expect(error.detail).toEqual(expect.any(String));
    expect(answer.headers['x-gateway-sandbox']).toBeUndefined();
    expect(gateway.upstream.length).toBe(seen);
    expect(changesSeen(gateway)).toBe(changes);
    if (code === 'invalid_patch') {
      const lenient = await patch(gateway.origin, id, body, { prefer: 'handling=lenient' });
      expectProblem(lenient, 422, code);
      expect(gateway.upstream.length).toBe(seen);
    }
  });

  it("a region that is not the project's, after a read", async () => {
    const changes = changesSeen(gateway);
    const answer = await patch(gateway.origin, IAM, { name: 'eu-nl_demo' });
    expectProblem(answer, 422, 'unsupported_patch');
    expect(errorsOf(answer)).toMatchObject([{ pointer: '/name', code: 'rejected' }]);
    expect(changesSeen(gateway)).toBe(changes);
  });

  it('32 levels are taken, and every nest is measured before it is parsed', async () => {
    const answer = await patch(gateway.origin, SENLIN, `{"attributes":${deep(31)}}`);
    expect(part(answer, 'write').outcome).toBe('applied');
  });
});

describe('an id that cannot be is told before the body is looked at', () => {
  const headers = { ...MERGE_PATCH, 'content-length': '20' };
  it.each<[string, string, Call]>([
    [
      'another media type',
      '/profiles/%zz',
      { headers: { 'content-type': 'text/plain' }, body: 'x' },
    ],
    ['no JSON', '/profiles/%zz', { headers: MERGE_PATCH, body: '{' }],
    ['no profile model', '/profiles/a%00', { headers: MERGE_PATCH, body: '{"x":1}' }],
    [
      'an explanation',
      '/profiles/%zz/explain',
      { method: 'POST', headers, body: `"${'x'.repeat(18)}"` },
    ],
  ])('%s', async (_, path, asked) => {
    const answer = await call(gateway.origin, path, { method: 'PATCH', ...asked });
    expectProblem(answer, 400, 'invalid_id');
  });
});

describe('supportedBy', () => {
  it.each<[string, string, JsonObject, string[]]>([
    [
      'description',
      SENLIN,
      { description: 'x' },
      ['iam-demo', 'naver-demo', 'keystone-demo', 'naver-two'],
    ],
    ['a long description', NAVER, { description: 'x'.repeat(301) }, ['keystone-demo']],
    ['attributes', NAVER, { attributes: { a: 1 } }, ['senlin-demo']],
    ['on leave', IAM, { status: 'on_leave' }, ['nerm-demo']],
    ['roles', NERM, { extensions: { naver: { roleIdList: [] } } }, ['naver-demo', 'naver-two']],
    ['an id', NERM, { id: 'x' }, []],
  ])('names the targets that take %s', async (_, id, body, targets) => {
    const [error] = errorsOf(await patch(gateway.origin, id, body));
    const named = Array.isArray(error?.supportedBy) ? error.supportedBy.toSorted() : undefined;
    expect(named).toEqual(targets.toSorted());
  });
});
