import { describe, expect, it } from 'vitest';
import { type JsonObject, ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import { NEW_PROFILES, startStage } from './stage.ts';

const NAVER = { target: 'naver-demo', name: 'made-here', ...NEW_PROFILES['naver-demo'] };
const NERM = { target: 'nerm-demo', name: 'made-here', ...NEW_PROFILES['nerm-demo'] };
const KEYSTONE = { target: 'keystone', name: 'made-here', ...NEW_PROFILES.keystone };

const pointersIn = ({ errors }: JsonObject): unknown =>
  (errors as JsonObject[]).map(({ code, pointer }) => `${pointer} ${code}`);

describe('a create is refused, and nothing is sent', () => {
  it.each<[string, JsonObject, number, string]>([
    ['without a target', { name: 'made' }, 422, 'invalid_patch'],
    ['for a target that is not there', { ...NAVER, target: 'nowhere' }, 404, 'unknown_target'],
    ['with a member outside the model', { ...NAVER, colour: 'red' }, 422, 'invalid_patch'],
    ['with an id of its own', { ...NAVER, upstreamId: 'x' }, 422, 'unsupported_patch'],
    ['with an id that names a target', { ...NAVER, id: 'a:b' }, 422, 'invalid_patch'],
    ['with an id that is no text', { ...NAVER, id: 7 }, 422, 'invalid_patch'],
    ['with an id where links cannot be set', { ...NAVER, id: 'emp-1' }, 422, 'unsupported_patch'],
    ['without a name', { target: 'keystone' }, 422, 'unsupported_patch'],
    ['on otc without a region', { target: 'iam-demo', name: 'made' }, 422, 'unsupported_patch'],
    [
      'on otc with a status',
      { target: 'iam-demo', name: 'eu-de_a', status: 'active' },
      422,
      'unsupported_patch',
    ],
    [
      'at Senlin with a spec without a type',
      {
        target: 'senlin-demo',
        name: 'made',
        extensions: { senlin: { spec: { version: '1.0', properties: {} } } },
      },
      422,
      'unsupported_patch',
    ],
  ])('%s', async (_, body, status, code) => {
    const { create, sent } = await startStage();
    const answer = await create(body);
    expect([answer.status, answer.body.code], answer.text).toEqual([status, code]);
    expect(sent).toEqual([]);
  });

  it('with a condition, since nothing that does not exist has a tag', async () => {
    const { create, sent } = await startStage();
    const answer = await create(NAVER, { 'if-match': '*' });
    expect([answer.status, answer.body.code]).toEqual([412, 'precondition_failed']);
    expect(sent).toEqual([]);
  });

  it('with each member that is missing, and with which targets would take the others', async () => {
    const { create } = await startStage();
    const answer = await create({ target: 'nerm-demo', description: 'x' });
    expect(pointersIn(answer.body)).toEqual([
      '/description unsupported_field',
      '/status missing_field',
      '/extensions/nerm/profile_type_id missing_field',
    ]);
    const [first] = answer.body.errors as JsonObject[];
    expect(first?.supportedBy).toEqual(['iam-demo', 'naver-demo', 'keystone']);
  });

  it('without a key where a repeat makes another profile, unless the target allows that', async () => {
    const { create, sent } = await startStage();
    const answer = await create(NERM, { 'idempotency-key': '' });
    expect([answer.status, answer.body.code]).toEqual([400, 'idempotency_key_required']);
    expect(sent).toEqual([]);
    expect((await create(KEYSTONE, { 'idempotency-key': '' })).status).toBe(201);
    const allowing = await startStage({ settings: { createWithoutKey: true } });
    expect((await allowing.create(NERM, { 'idempotency-key': '' })).status).toBe(201);
  });
});

describe('a create of a name that is taken', () => {
  it('is a conflict also where no search shows what has the name', async () => {
    const { create, sent, stage } = await startStage();
    stage.passage = async (request, deliver) => {
      if (request.method !== 'POST' || !request.url.endsWith('/projects')) return deliver();
      const error = { code: 409, message: 'Duplicate entry', title: 'Conflict' };
      return Response.json({ error }, { status: 409 });
    };
    const answer = await create(KEYSTONE);
    expect([answer.status, answer.body.code], answer.text).toEqual([409, 'conflict']);
    expect(answer.body).toMatchObject({ outcome: 'rejected' });
    expect(sent.filter(({ path }) => path.endsWith('/projects'))).toHaveLength(1);
  });
});

describe('a lenient create', () => {
  it('leaves out what does not fit, and says so', async () => {
    const { create } = await startStage();
    const body = { ...NERM, description: 'x', attributes: { cost_centre: 4711 } };
    const answer = await create(body, { prefer: 'handling=lenient' });
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body).toMatchObject({
      profile: { attributes: { cost_centre: '4711' } },
      write: {
        losses: [
          { pointer: '/attributes/cost_centre', kind: 'coerced' },
          { pointer: '/description', kind: 'dropped' },
        ],
      },
    });
    expect(answer.headers.get('preference-applied')).toBe('handling=lenient');
  });
});

describe('a repeat of a create with its key', () => {
  it('is answered as the first, and makes nothing', async () => {
    const { create, idsAt } = await startStage();
    const headers = { 'idempotency-key': 'once' };
    const first = await create(NERM, headers);
    const count = idsAt('nerm-demo').length;
    const second = await create(NERM, headers);
    expect([second.status, second.text]).toEqual([201, first.text]);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    for (const name of ['location', 'etag', 'x-write-id']) {
      expect(second.headers.get(name), name).toBe(first.headers.get(name));
    }
    expect(idsAt('nerm-demo')).toHaveLength(count);
    const other = await create({ ...NERM, name: 'other' }, headers);
    expect([other.status, other.body.code]).toEqual([422, 'idempotency_key_reused']);
  });

  it('is another create with another key', async () => {
    const { create, idsAt } = await startStage();
    const before = idsAt('nerm-demo').length;
    await create(NERM);
    await create(NERM);
    expect(idsAt('nerm-demo')).toHaveLength(before + 2);
  });

  it('is a conflict where the vendor has each name once', async () => {
    const { create, idsAt } = await startStage();
    await create(KEYSTONE);
    const before = idsAt('keystone').length;
    const answer = await create(KEYSTONE);
    expect([answer.status, answer.body.code]).toEqual([409, 'conflict']);
    expect(answer.body).toMatchObject({ outcome: 'rejected' });
    expect(idsAt('keystone')).toHaveLength(before);
  });
});

describe('a caller', () => {
  const callers: JsonObject = {
    maker: {
      key: 'maker-key-not-real',
      scopes: ['profiles:create', 'profiles:read'],
      targets: ['naver-*'],
      fields: { allow: ['/name', '/description', '/status'] },
    },
    blind: { key: 'blind-key-not-real', scopes: ['profiles:create'] },
    writer: { key: 'writer-key-not-real', scopes: ['profiles:write', 'profiles:read'] },
  };
  const by = (name: string) => ({ authorization: `Bearer ${name}-key-not-real` });

  it('needs the scope, the target and the fields', async () => {
    const { create, sent } = await startStage({ callers });
    const answers = [
      await create(NAVER, by('writer')),
      await create(KEYSTONE, by('maker')),
      await create({ ...NAVER, extensions: { naver: { durationSeconds: 900 } } }, by('maker')),
      await create({ ...NAVER, extensions: { naver: { roleIdList: [] } } }, by('blind')),
    ];
    expect(answers.map(({ body, status }) => `${status} ${body.code}`)).toEqual([
      '403 forbidden',
      '403 forbidden',
      '403 field_forbidden',
      '403 field_forbidden',
    ]);
    expect(sent).toEqual([]);
    expect((await create(NAVER, by('maker'))).status).toBe(201);
  });

  it('is shown no profile that it may not read', async () => {
    const { create } = await startStage({ callers });
    const answer = await create(NAVER, by('blind'));
    expect(answer.status).toBe(201);
    expect(answer.body).not.toHaveProperty('profile');
    expect(ownText(ownObject(answer.body, 'write'), 'outcome')).toBe('applied');
    expect(answer.headers.get('location')).toMatch(/^\/profiles\/naver-demo%3A/);
  });
});
