import { describe, expect, it } from 'vitest';
import { fields } from '../../../adapters/naver/fields.ts';
import adapter from '../../../adapters/naver/index.ts';
import { createSandbox } from '../../../adapters/naver/sandbox/index.ts';
import {
  type Change,
  type Connection,
  type HttpRequest,
  type HttpResponse,
  type Json,
  type JsonObject,
  limitBroken,
  type StoredProfile,
  type WriteConversation,
} from '../../../src/adapter-kit/index.ts';
import { nodeDigests } from '../../../src/node/digests.ts';

const ID = '76da1a8c-0000-4000-8000-cf13dfc49aa6';
const PATH = `/api/v1/profiles/${ID}`;
const FREE_ROLE = '5d0d4d80-0000-4000-8000-246e96591a3b';
const DURATION = '/extensions/naver/durationSeconds';
const ROLES = '/extensions/naver/roleIdList';
const ORIGIN = 'http://127.0.0.1:8788';
const auth = { accessKey: 'SANDBOXNCPACCESSKEY1', secretKey: 'sandbox-ncp-secret-key' };
const before: StoredProfile = {
  upstreamId: ID,
  content: { extensions: { naver: { durationSeconds: 1800 } } },
};

function open(settings: JsonObject = {}): Connection {
  const opened = adapter.open({ baseUrl: `${ORIGIN}/naver`, auth, ...settings });
  if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
  return opened.connection;
}

/** Changes as the gateway plans them: null by the field's declaration, else by its codec. */
function changesOf(patch: Readonly<Record<string, Json>>): Change[] {
  return Object.entries(patch).map(([pointer, value]) => {
    const field = fields.find((candidate) => candidate.pointer === pointer);
    if (field === undefined) throw new Error(`no field ${pointer}`);
    if (value === null) {
      if (typeof field.onNull !== 'object') throw new Error(`${pointer} cannot be cleared`);
      return { pointer, field, value, wire: field.onNull.send };
    }
    const encoded = field.codec.encode(value);
    if (!encoded.ok) throw new Error(encoded.reason);
    return { pointer, field, value, wire: encoded.wire };
  });
}

function answer(status: number, body: Json | undefined, headers = {}): HttpResponse {
  const text = typeof body === 'string' ? body : body === undefined ? '' : JSON.stringify(body);
  return { status, headers, body: text };
}

const shown = (members: JsonObject = {}) => answer(200, { profileId: ID, ...members });

/** Answers each write in turn; gives the requests that were made and the result. */
function drive(write: WriteConversation, ...answers: HttpResponse[]) {
  const sent: { method: string; path: string; body?: unknown; pointers: readonly string[] }[] = [];
  let turn = write.next();
  for (const response of answers) {
    if (turn.done === true) throw new Error('ended early');
    const { request, pointers } = turn.value;
    const body = request.body === undefined ? {} : { body: JSON.parse(request.body) };
    sent.push({ method: request.method, path: request.path, ...body, pointers });
    turn = write.next(response);
  }
  return { sent, result: turn.done === true ? turn.value : undefined };
}

describe('naver writes', () => {
  it('keep roles and duration that the patch does not name', () => {
    const changes = changesOf({ '/description': 'x' });
    expect(open().requiresRead(changes)).toBe(true);
    const { sent } = drive(open().write(ID, changes, before), shown());
    expect(sent).toEqual([
      {
        method: 'PATCH',
        path: `/naver${PATH}`,
        body: { description: 'x', durationSeconds: 1800, roleIdList: null },
        pointers: ['/description'],
      },
    ]);
  });

  it('need no read when the patch names a duration or the status alone', () => {
    const changes = changesOf({ [DURATION]: 600, [ROLES]: null });
    expect(open().requiresRead(changes)).toBe(false);
    expect(open().requiresRead(changesOf({ '/status': 'active' }))).toBe(false);
    const { sent } = drive(open().write(ID, changes, undefined), shown());
    expect(sent[0]?.body).toEqual({ durationSeconds: 600, roleIdList: [] });
  });

  it('send nothing when the current duration is not shown', () => {
    const bare = { upstreamId: ID, content: {} };
    const { value } = open()
      .write(ID, changesOf({ '/name': 'abc', '/status': 'inactive' }), bare)
      .next();
    expect(value).toMatchObject({
      ok: false,
      fault: { code: 'target_invalid_response', effect: 'none' },
    });
  });

  it.each([
    ['inactive', ['/disable', '']],
    ['active', ['', '/enable']],
  ])('with %s go out as %j', (status, suffixes) => {
    const changes = changesOf({ '/name': 'abc', '/status': status });
    const last = shown({ name: 'abc' });
    const { sent, result } = drive(open().write(ID, changes, before), answer(200, ''), last);
    expect(sent.map((step) => step.path)).toEqual(suffixes.map((end) => `/naver${PATH}${end}`));
    expect(sent.flatMap((step) => step.pointers).sort()).toEqual(['/name', '/status']);
    expect(result).toMatchObject({ ok: true, value: { profile: { content: { name: 'abc' } } } });
  });

  it('stop at a refusal, also one inside a 200', () => {
    const changes = changesOf({ '/name': 'abc', '/status': 'inactive' });
    const error = { error: { errorCode: '9011', message: 'no', requestId: 'r' } };
    for (const [status, code, effect] of [
      [400, 'rejected_by_target', 'none'],
      [200, 'target_invalid_response', 'possible'],
    ] as const) {
      const { result } = drive(open().write(ID, changes, before), answer(status, error));
      expect(result).toMatchObject({ ok: false, fault: { code, effect } });
    }
  });

  it('leave an empty answer to a read, and refuse one about another profile', () => {
    const enable = () => open().write(ID, changesOf({ '/status': 'active' }), undefined);
    expect(drive(enable(), answer(204, '')).result).toEqual({
      ok: true,
      value: { profile: undefined },
    });
    expect(drive(enable(), shown({ profileId: ID.replace('7', '8') })).result).toMatchObject({
      fault: { code: 'target_invalid_response', effect: 'possible' },
    });
  });
});

describe('naver settings and fields', () => {
  it.each(['', '/', '/api/v1', '/api/v1/'])('take the base URL with %j behind it', (end) => {
    const baseUrl = `https://externalaccess.apigw.ntruss.com${end}`;
    expect(open({ baseUrl }).read(ID).next().value).toMatchObject({
      origin: 'https://externalaccess.apigw.ntruss.com',
      path: PATH,
    });
  });

  it('refuse keys that no header can carry, and keys without a partner', () => {
    for (const bad of [{ ...auth, accessKey: 'KEY\n' }, { accessKey: 'KEY' }]) {
      expect(adapter.open({ baseUrl: ORIGIN, auth: bad })).toMatchObject({ ok: false });
    }
  });

  it('take full UUIDs in lower case as ids', () => {
    const { validateId } = open();
    expect(validateId(ID)).toBeUndefined();
    for (const id of [
      '',
      ID.toUpperCase(),
      '../..',
      ID.slice(1),
      `${ID}0`,
      ID.replace('a8c', 'A8c'),
      '76da1a8c-****',
    ]) {
      expect(validateId(id)).toEqual(expect.any(String));
    }
  });

  it.each<[string, Json, boolean]>([
    ['/name', '빌드서버', true],
    ['/name', '1abc', false],
    ['/name', 'ab', false],
    ['/name', 'a'.repeat(31), false],
    ['/description', '가'.repeat(100), true],
    ['/description', '가'.repeat(101), false],
    [DURATION, 599, false],
    [DURATION, 43_200, true],
  ])('hold %s to its limits: %j', (pointer, value, fits) => {
    const limits = fields.find((field) => field.pointer === pointer)?.limits;
    expect(limitBroken(limits, value) === undefined).toBe(fits);
  });

  it('refuse a role named twice', () => {
    const codec = fields.find((field) => field.pointer === ROLES)?.codec;
    expect(codec?.encode([FREE_ROLE, FREE_ROLE])).toMatchObject({ ok: false });
    expect(codec?.encode([FREE_ROLE])).toEqual({ ok: true, wire: [FREE_ROLE] });
  });
});

describe('naver against its sandbox', () => {
  const now = () => Date.parse('2026-02-03T04:05:06.789+09:00');
  const sandboxOf = () =>
    createSandbox({
      basePath: '/naver',
      now,
      peer: () => {
        throw new Error('naver has no peer');
      },
    });

  async function send(
    sandbox: ReturnType<typeof sandboxOf>,
    connection: Connection,
    request: HttpRequest,
  ): Promise<HttpResponse> {
    const { authorization } = connection;
    if (authorization.kind !== 'signature') throw new Error('requests are signed');
    const signed = await authorization.sign(request, { nowMs: now(), digests: nodeDigests });
    expect(Object.keys(signed)).toEqual(expect.arrayContaining([...authorization.volatileHeaders]));
    const init = { method: request.method, headers: { ...request.headers, ...signed } };
    const body = request.body === undefined ? {} : { body: request.body };
    const response = await sandbox.fetch(
      new Request(request.origin + request.path, { ...init, ...body }),
    );
    return { status: response.status, headers: {}, body: await response.text() };
  }

  it('changes only what the patch names', async () => {
    const [sandbox, connection] = [sandboxOf(), open()];
    const read = connection.read(ID);
    const first = read.next();
    if (first.done === true) throw new Error('no request');
    const current = read.next(await send(sandbox, connection, first.value)).value;
    if (!('ok' in current) || !current.ok) throw new Error('not read');

    const patch = { '/description': null, '/status': 'inactive' };
    const stored = sandbox.stored(ID);
    const write = connection.write(ID, changesOf(patch), current.value);
    let turn = write.next();
    while (turn.done !== true) {
      turn = write.next(await send(sandbox, connection, turn.value.request));
    }
    const after = sandbox.stored(ID);
    expect(after).toEqual({
      ...stored,
      description: '',
      enabled: false,
      updateTime: '2026-02-03T04:05:06.789+09:00',
    });
    const { description: _, ...rest } = current.value.content;
    const updatedAt = '2026-02-02T19:05:06.789Z';
    expect(turn.value).toEqual({
      ok: true,
      value: { profile: { upstreamId: ID, content: { ...rest, status: 'inactive', updatedAt } } },
    });
  });

  it('tells a missing profile and refused credentials apart', async () => {
    const missing = ID.replace('76', '77');
    const wrong = open({ auth: { ...auth, secretKey: 'another-secret-key' } });
    const outcome = async (connection: Connection, id: string) => {
      const read = connection.read(id);
      const first = read.next();
      if (first.done === true) throw new Error('no request');
      return read.next(await send(sandboxOf(), connection, first.value)).value;
    };
    expect(await outcome(open(), missing)).toMatchObject({ fault: { code: 'profile_not_found' } });
    expect(await outcome(wrong, ID)).toMatchObject({ fault: { code: 'target_unauthorized' } });
  });
});
