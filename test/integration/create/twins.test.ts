import { describe, expect, it } from 'vitest';
import { ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import { NEW_PROFILES, startStage } from './stage.ts';

const isCreate = ({ method, url }: Request): boolean =>
  method === 'POST' && /\/(?:profiles|profile|v3\/projects)$/.test(new URL(url).pathname);

describe('a create that is lost, after one of the same values that no list shows yet', () => {
  it.each(['nerm-demo', 'naver-demo', 'iam-demo'])('has another end at %s', async (target) => {
    const stage = await startStage({ unkind: ['late_reads'] });
    const name = target === 'iam-demo' ? 'eu-de_made' : 'made';
    const body = { target, ...NEW_PROFILES[target], name };
    expect((await stage.create(body, { 'idempotency-key': 'first' })).status).toBe(201);
    const made = stage.idsAt(target);
    stage.stage.passage = async (request, deliver) => {
      if (isCreate(request)) throw new Error('lost before it reached the vendor');
      return deliver();
    };
    const headers = { 'idempotency-key': 'second' };
    let answer = await stage.create(body, headers);
    for (let tries = 0; tries < 300 && answer.body.code === 'request_in_progress'; tries += 1) {
      await new Promise((next) => setImmediate(next));
      answer = await stage.create(body, headers);
    }
    expect(['unknown', 'rejected']).toContain(answer.body.outcome);
    expect(stage.idsAt(target)).toEqual(made);
  });
});

describe('two creates of one name at once', () => {
  it('wait for each other although only one names the domain', async () => {
    const stage = await startStage();
    const base = { target: 'keystone', name: 'made', description: 'made' };
    const named = { ...base, extensions: { iam: { domain_id: 'default' } } };
    const answers = await Promise.all([stage.create(base), stage.create(named)]);
    const first = ownText(ownObject(answers[0]?.body, 'profile'), 'upstreamId');
    expect(answers).toMatchObject([
      { status: 201 },
      { status: 409, body: { code: 'conflict', outcome: 'rejected' } },
    ]);
    expect(stage.idsAt('keystone')).toContain(first);
  });
});

describe('a create that was refused for its credential', () => {
  it('is made by a repeat with the same key, once the credential is accepted', async () => {
    const stage = await startStage();
    let isRefused = true;
    stage.stage.passage = async (request, deliver) =>
      isRefused && isCreate(request) ? new Response('{}', { status: 401 }) : deliver();
    const body = { target: 'nerm-demo', ...NEW_PROFILES['nerm-demo'], name: 'made' };
    const headers = { 'idempotency-key': 'once' };
    expect(await stage.create(body, headers)).toMatchObject({
      status: 502,
      body: { code: 'target_unauthorized', outcome: 'rejected' },
    });
    isRefused = false;
    stage.advance(400_000);
    expect((await stage.create(body, headers)).status).toBe(201);
  });
});
