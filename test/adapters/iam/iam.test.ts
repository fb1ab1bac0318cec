import { describe, expect, test } from 'vitest';
import { keystoneFields, otcFields, otcStatusFields } from '../../../adapters/iam/fields.ts';
import {
  type Change,
  type Connection,
  type Field,
  type HttpResponse,
  type Json,
  type JsonObject,
  limitBroken,
  type StoredProfile,
} from '../../../src/adapter-kit/index.ts';
import { answer, changesOf, ID, keystone, open, otc } from './exchange.ts';

const projectSeen = (content: JsonObject = {}): StoredProfile => ({ upstreamId: ID, content });
/** What each write would send when all of them are answered by `response`. */
function sentBy(connection: Connection, changes: readonly Change[], response: HttpResponse) {
  const write = connection.write(ID, changes, projectSeen());
  const sent: unknown[] = [];
  let step = write.next();
  while (step.done !== true) {
    const { name, pointers, request } = step.value;
    const { method, path, body } = request;
    sent.push([name, pointers, method, path, body]);
    step = write.next(response);
  }
  return { sent, result: step.value };
}

describe('writes', () => {
  const project = { project: { id: ID, name: 'eu-de_x' } };

  test('otc sends what is named, and the documented content type', () => {
    const connection = open(otc);
    const changes = changesOf(otcFields, { name: 'eu-de_x', description: null });
    const { sent, result } = sentBy(connection, changes, answer(200, project));
    const body = '{"project":{"name":"eu-de_x","description":""}}';
    const pointers = ['/name', '/description'];
    expect(sent).toEqual([['profile', pointers, 'PATCH', `/iam/v3/projects/${ID}`, body]]);
    expect(result).toMatchObject({
      ok: true,
      value: { profile: { content: { name: 'eu-de_x' } } },
    });
    expect(connection.write(ID, changes, projectSeen()).next().value).toMatchObject({
      request: { headers: { 'content-type': 'application/json;charset=utf8' } },
    });
  });

  test('a managed status is a second write, after which a read must follow', () => {
    const connection = open({ ...otc, manageStatus: true });
    const changes = changesOf(otcStatusFields, { status: 'inactive', name: 'eu-de_x' });
    const { sent, result } = sentBy(connection, changes, answer(200, project));
    expect(sent).toEqual([
      ['profile', ['/name'], 'PATCH', `/iam/v3/projects/${ID}`, '{"project":{"name":"eu-de_x"}}'],
      [
        'status',
        ['/status'],
        'PUT',
        `/iam/v3-ext/projects/${ID}`,
        '{"project":{"status":"suspended"}}',
      ],
    ]);
    expect(result).toEqual({ ok: true, value: { profile: undefined } });
    const refused = sentBy(connection, changes, answer(409));
    expect(refused.sent).toHaveLength(1);
    expect(refused.result).toMatchObject({ ok: false, fault: { code: 'conflict' } });
  });

  test('keystone gets the id and `enabled` in one PATCH', () => {
    const changes = changesOf(keystoneFields, { status: 'inactive', description: null });
    const { sent } = sentBy(open(keystone), changes, answer(200, project));
    const body = `{"project":{"id":"${ID}","enabled":false,"description":""}}`;
    const path = `/keystone/v3/projects/${ID}`;
    expect(sent).toEqual([['profile', ['/status', '/description'], 'PATCH', path, body]]);
  });

  test('`links` and `extra` stay as the read told them', () => {
    const links = { self: 'x', previous: null };
    const write = open(otc).write(
      ID,
      changesOf(otcFields, { name: 'eu-de_x' }),
      projectSeen({ extensions: { iam: { links } } }),
    );
    write.next();
    const body = { project: { id: ID, name: 'eu-de_x', links: { self: 'y' }, extra: {} } };
    expect(write.next(answer(200, body)).value).toMatchObject({
      ok: true,
      value: { profile: { content: { name: 'eu-de_x', extensions: { iam: { links } } } } },
    });
  });

  test.each([
    '',
    'null',
    '<html>',
    '{"project":[]}',
    '{"project":{}}',
    '{"project":{"id":7}}',
    '{"project":{"id":"ffffffffffffffffffffffffffffffff"}}',
  ])('a 200 with the body %j is not understood, and may have written', (body) => {
    const changes = changesOf(otcFields, { name: 'eu-de_x' });
    const { result } = sentBy(open(otc), changes, answer(200, body));
    expect(result).toMatchObject({
      ok: false,
      fault: { code: 'target_invalid_response', effect: 'possible' },
    });
  });
});

describe('the answer to a write of the status', () => {
  const write = (response: HttpResponse) => {
    const changes = changesOf(otcStatusFields, { status: 'inactive' });
    return sentBy(open({ ...otc, manageStatus: true }), changes, response).result;
  };

  test.each([answer(204), answer(200, { project: { id: ID } })])(
    'is a success when it is empty, or shows the project',
    (response) => {
      expect(write(response)).toEqual({ ok: true, value: { profile: undefined } });
    },
  );

  test.each(['null', '<html>', '{}', '{"project":{"id":"ffffffffffffffffffffffffffffffff"}}'])(
    'with 200 and the body %j is not understood, and may have written',
    (body) => {
      expect(write(answer(200, body))).toMatchObject({
        ok: false,
        fault: { code: 'target_invalid_response', effect: 'possible' },
      });
    },
  );
});

describe('refine', () => {
  const refused = (settings: JsonObject, patch: Record<string, Json>, content: JsonObject) =>
    open(settings)
      .preflight?.(changesOf(otcFields, patch), projectSeen(content))
      .map(({ pointer }) => pointer);

  test.each([
    ['eu-de_a', 'eu-de_b', []],
    ['eu-de_a', 'eu-de_', []],
    ['eu-de_a_b', 'eu-de_c', []],
    ['eu-de_a', 'eu-nl_a', ['/name']],
    ['eu-de_a', 'eu-de', ['/name']],
    ['eu-de_a', 'eu-de-2_a', ['/name']],
    ['eu-de', 'eu-de_a', ['/name']],
    ['MOS', 'SOM', ['/name']],
    ['MOS', 'MOS', []],
  ])('otc: from %s to %s', (name, next, pointers) => {
    expect(refused(otc, { name: next, description: 'd' }, { name })).toEqual(pointers);
  });

  test('keystone names have no region part, and a name that is not shown proves nothing', () => {
    expect(refused(keystone, { name: 'b' }, { name: 'eu-de_a' })).toEqual([]);
    expect(refused(otc, { name: 'b' }, {})).toEqual([]);
  });

  test.each([otc, keystone])('a domain is not changed', (settings) => {
    const content = { name: 'a', extensions: { iam: { is_domain: true } } };
    expect(refused(settings, { name: 'a', description: 'd' }, content)).toEqual([
      '/name',
      '/description',
    ]);
  });
});

describe('fields', () => {
  const breaks = (fields: readonly Field[], name: string, value: string) =>
    limitBroken(fields.find(({ pointer }) => pointer === `/${name}`)?.limits, value);

  test.each([
    ['a', true],
    [`\u{1f600}${'x'.repeat(63)}`, true],
    ['a b', true],
    ['a\nb', true],
    ['', false],
    ['x'.repeat(65), false],
    [' a', false],
    ['a ', false],
    ['a\n', false],
    ['a\u0085', false],
    ['\u001fa', false],
    ['\u3000', false],
    ['a\ud800b', false],
  ])('the name %j', (name, fits) => {
    for (const fields of [otcFields, otcStatusFields, keystoneFields]) {
      expect(breaks(fields, 'name', name) === undefined).toBe(fits);
    }
  });

  test('a description is bounded on otc only', () => {
    expect(breaks(otcFields, 'description', '\u{1f600}'.repeat(255))).toBeUndefined();
    expect(breaks(otcFields, 'description', 'x'.repeat(256))).toContain('255');
    expect(breaks(keystoneFields, 'description', 'x'.repeat(100_000))).toBeUndefined();
  });

  test.each([
    [otc, ID, true],
    [otc, ID.toUpperCase(), false],
    [otc, '23da5961-c821-4f5c-af70-1c27d9703959', false],
    [keystone, '23da5961-c821-4f5c-af70-1c27d9703959', true],
    [keystone, ID, true],
    [keystone, 'default', false],
    [keystone, '../..', false],
    [keystone, `${ID}\n`, false],
  ])('%o: the id %j', (settings, id, fits) => {
    expect(open(settings).validateId(id) === undefined).toBe(fits);
  });
});
