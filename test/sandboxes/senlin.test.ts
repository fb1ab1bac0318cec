import { beforeEach, describe, expect, it } from 'vitest';
import { ID, read, startSenlin } from './senlin-client.ts';

const NOTHING = 'No property needs an update.';
const MALFORMED =
  'The server could not comply with the request since it is either malformed or otherwise incorrect.';

let my: Awaited<ReturnType<typeof startSenlin>>;

beforeEach(async () => {
  my = await startSenlin();
});

describe('PATCH /v1/profiles/{id}', () => {
  const stored: [string, string, object][] = [
    ['renames', '{"name":"p2"}', { name: 'p2', metadata: { old: 1 } }],
    ['replaces metadata whole', '{"metadata":{"owner":"ops"}}', { metadata: { owner: 'ops' } }],
    ['clears metadata', '{"metadata":{}}', { metadata: {} }],
    ['stores null metadata', '{"metadata":null}', { metadata: null }],
    ['keeps a null value', '{"metadata":{"k":null}}', { metadata: { k: null } }],
    ['ignores a null name', '{"name":null,"metadata":{}}', { name: 'test_prof1', metadata: {} }],
    ['takes 255 characters', `{"name":"${'n'.repeat(255)}"}`, { name: 'n'.repeat(255) }],
    ['takes CJK', '{"name":"配置"}', { name: '配置' }],
    ['takes digits of any script', '{"name":"\\u0660"}', { name: '\u0660' }],
    ['lets a last newline through', '{"name":"nl\\n"}', { name: 'nl\n' }],
    [
      'keeps __proto__',
      '{"metadata":{"__proto__":1}}',
      { metadata: JSON.parse('{"__proto__":1}') },
    ],
  ];
  it.each(stored)('%s', async (_name, fields, expected) => {
    my.senlin.seed(ID, { metadata: { old: 1 } });
    my.clock.nowMs += 1000;
    const response = await my.patch(`{"profile":${fields}}`);
    expect(response.status).toBe(200);
    expect(response.headers.get('openstack-api-version')).toBe('clustering 1.0');
    const { profile } = await read(response);
    expect(profile).toMatchObject({ ...expected, updated_at: '2026-01-05T09:00:01Z' });
    expect(my.senlin.stored(ID)).toMatchObject(expected);
  });

  const refused: [string, string, string, string][] = [
    ['the same name', '{"profile":{"name":"test_prof1"}}', 'BadRequest', NOTHING],
    ['the same metadata', '{"profile":{"metadata":{"a":1,"b":true}}}', 'BadRequest', NOTHING],
    ['1.0 for 1 and 1 for true', '{"profile":{"metadata":{"a":1.0,"b":1}}}', 'BadRequest', NOTHING],
    ['no field', '{"profile":{}}', 'BadRequest', NOTHING],
    ['a null name only', '{"profile":{"name":null}}', 'BadRequest', NOTHING],
    ['no wrapper', '{"name":"x"}', 'HTTPBadRequest', "missing 'profile' key"],
    ['profile null', '{"profile":null}', 'HTTPBadRequest', "missing 'profile' key"],
    ['no body', '', 'HTTPBadRequest', MALFORMED],
    ['an array', '[]', 'HTTPBadRequest', MALFORMED],
    ['a leading blank', ' {"profile":{"name":"x"}}', 'HTTPBadRequest', MALFORMED],
    ['broken JSON', '{"profile":', 'HTTPBadRequest', 'Expecting value: line 1 column 12 (char 11)'],
    ['profile a list', '{"profile":[]}', 'HTTPBadRequest', "[] is not of type 'object'"],
    ['profile a text', '{"profile":"x"}', 'HTTPBadRequest', "'x' is not of type 'object'"],
    [
      'unknown fields',
      '{"profile":{"name":"h","b":1,"a":2}}',
      'HTTPBadRequest',
      "('a', 'b' were unexpected)",
    ],
    ['a spec', '{"profile":{"spec":{}}}', 'HTTPBadRequest', "('spec' was unexpected)"],
    ['a number as name', '{"profile":{"name":5}}', 'HTTPBadRequest', MALFORMED],
    ['an empty name', '{"profile":{"name":""}}', 'HTTPBadRequest', 'at least 1 characters long'],
    [
      'name of 256 characters',
      `{"profile":{"name":"${'n'.repeat(256)}"}}`,
      'HTTPBadRequest',
      'less than 255',
    ],
    ['a space in the name', '{"profile":{"name":"a b"}}', 'HTTPBadRequest', 'illegal characters'],
    ['an accent', '{"profile":{"name":"é"}}', 'HTTPBadRequest', 'illegal characters'],
    [
      'metadata a list',
      '{"profile":{"metadata":[1]}}',
      'HTTPBadRequest',
      "[1] is not of type 'object', 'null'",
    ],
    ['metadata true', '{"profile":{"metadata":true}}', 'HTTPBadRequest', 'True is not of type'],
    [
      'metadata a text',
      '{"profile":{"metadata":"x"}}',
      'HTTPBadRequest',
      'The value (x) is not a valid JSON.',
    ],
    [
      'metadata JSON in a text',
      '{"profile":{"metadata":"{}"}}',
      'HTTPBadRequest',
      "'{}' is not of type",
    ],
  ];
  it.each(refused)('refuses %s', async (_name, body, type, message) => {
    my.senlin.seed(ID, { metadata: { a: 1, b: true } });
    const response = await my.patch(body);
    expect(response.status).toBe(400);
    expect(response.headers.get('openstack-api-version')).toBeNull();
    const { error } = await read(response);
    expect(error.type).toBe(type);
    expect(error.message).toContain(message);
    expect(my.senlin.journal()).toEqual([]);
  });

  const bodies: [string, Readonly<Record<string, string>>, number][] = [
    ['application/json; charset=utf-8', { 'content-type': 'application/json; charset=utf-8' }, 200],
    ['no type', { 'content-type': '' }, 200],
    ['text/plain', { 'content-type': 'text/plain' }, 200],
    ['a merge patch', { 'content-type': 'application/merge-patch+json' }, 400],
    ['capitals', { 'content-type': 'Application/JSON' }, 400],
    ['chunks', { 'transfer-encoding': 'chunked' }, 400],
    ['If-Match', { 'if-match': '"nope"' }, 200],
  ];
  it.each(bodies)('answers a body sent as %s', async (_name, headers, status) => {
    expect((await my.patch('{"profile":{"metadata":{"x":1}}}', headers)).status).toBe(status);
  });

  it('refuses over 1 MiB', async () => {
    const body = `{"profile":{"metadata":{"x":"${'d'.repeat(1_100_000)}"}}}`;
    const response = await my.patch(body, { 'content-length': String(body.length) });
    expect(response.status).toBe(400);
    expect((await read(response)).error).toMatchObject({
      type: 'RequestLimitExceeded',
      message: expect.stringContaining('(1100033 bytes)'),
    });
  });

  it('writes numbers as Python does and sorts keys', async () => {
    const given = '{"z":-0,"b":12345678901234567890,"f":1.0,"e":1e2,"g":1e16,"s":0.00001,"é":"é"}';
    const text = await (await my.patch(`{"profile":{"metadata":${given}}}`)).text();
    expect(text).toContain(
      '"metadata": {"b": 12345678901234567890, "e": 100.0, "f": 1.0, "g": 1e+16, "s": 1e-05, ' +
        '"z": 0, "\\u00e9": "\\u00e9"}',
    );
  });

  it('loses one of two patches at once, since it stores what it read', async () => {
    const statuses = await Promise.all([
      my.patch('{"profile":{"name":"n1"}}'),
      my.patch('{"profile":{"metadata":{"i":1}}}'),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([200, 200]);
    const { name, metadata } = my.senlin.stored(ID) ?? {};
    expect([name === 'n1', JSON.stringify(metadata) === '{"i":1}']).not.toEqual([true, true]);
    expect(my.senlin.journal()).toHaveLength(2);
  });
});
