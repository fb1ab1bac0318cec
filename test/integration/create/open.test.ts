import { describe, expect, it } from 'vitest';
import { ownObject, ownText } from '../../../src/adapter-kit/index.ts';
import type { Answer } from '../../support/in-memory.ts';
import { NEW_PROFILES, type Passage, startStage } from './stage.ts';

const SENLIN = { target: 'senlin-demo', name: 'made', ...NEW_PROFILES['senlin-demo'] };
const KEY = { 'idempotency-key': 'once' };

const isCreate = ({ method, url }: Request): boolean =>
  method === 'POST' && url.endsWith('/v1/profiles');

/** Loses the answers to creates; the vendor has them, or gets them once that is called. */
function losing(isDelivered: boolean) {
  const late: (() => Promise<unknown>)[] = [];
  const passage: Passage = async (request, deliver) => {
    if (!isCreate(request)) return deliver();
    if (isDelivered) await deliver();
    else late.push(deliver);
    throw new Error('lost');
  };
  return { passage, land: async () => Promise.all(late.map((deliver) => deliver())) };
}

/** Holds every search up, so that a create stays open. */
const holdingSearches = (until: Promise<unknown>, passage: Passage): Passage => {
  let searches = 0;
  return async (request, deliver) => {
    if (request.method === 'GET' && request.url.includes('name=made&')) {
      searches += 1;
      // The first is the one before the create, the second the one of its request.
      if (searches > 2) await until;
    }
    return passage(request, deliver);
  };
};

type Ask = () => Promise<Answer>;

/** Repeats a request until it is not under way any more. */
async function whenResolved(repeat: Ask): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await repeat();
    if (answer.body.code !== 'request_in_progress' || tries >= TRIES_MAX) return answer;
    for (let turn = 0; turn < 5; turn += 1) await new Promise((next) => setImmediate(next));
  }
}

const TRIES_MAX = 200;

describe('a create without an answer', () => {
  it('is found by a search where the vendor has made the profile', async () => {
    const { create, idsAt, stage } = await startStage();
    const before = idsAt('senlin-demo');
    stage.passage = losing(true).passage;
    const answer = await create(SENLIN, KEY);
    expect(answer.status, answer.text).toBe(201);
    expect(answer.body).toMatchObject({ write: { outcome: 'applied', evidence: 'read_back' } });
    const made = idsAt('senlin-demo').filter((id) => !before.includes(id));
    expect(made).toEqual([ownText(ownObject(answer.body, 'profile'), 'upstreamId')]);
  });

  it('stays open, holds others of its name up, and is answered as it ended', async () => {
    const held = Promise.withResolvers<void>();
    const { create, idsAt, logs, sent, stage } = await startStage();
    const vendor = losing(false);
    stage.passage = holdingSearches(held.promise, vendor.passage);
    const first = await create(SENLIN, KEY);
    expect([first.status, first.body.code]).toEqual([504, 'outcome_unknown']);
    expect(first.body).toMatchObject({ outcome: 'unknown', reason: 'queued' });
    expect(Number(first.headers.get('retry-after'))).toBeGreaterThan(290);
    const same = await create(SENLIN, KEY);
    expect([same.status, same.body.code]).toEqual([409, 'request_in_progress']);
    const changed = await create({ ...SENLIN, attributes: { of: 'another body' } }, KEY);
    expect([changed.status, changed.body.code]).toEqual([422, 'idempotency_key_reused']);
    const other = await create(SENLIN);
    expect([other.status, other.body.code]).toEqual([503, 'profile_in_doubt']);
    expect((await create({ ...SENLIN, name: 'another' })).status).toBe(504);
    await vendor.land();
    held.resolve();
    const repeat = await whenResolved(() => create(SENLIN, KEY));
    expect(repeat.status, repeat.text).toBe(201);
    expect(repeat.headers.get('idempotency-replayed')).toBe('true');
    expect(repeat.headers.get('x-write-id')).toBe(first.headers.get('x-write-id'));
    const id = ownText(ownObject(repeat.body, 'profile'), 'upstreamId') ?? '';
    expect(idsAt('senlin-demo')).toContain(id);
    expect(sent.filter(({ body }) => body?.includes('"made"'))).toHaveLength(1);
    expect(logs.find(({ event }) => event === 'create_resolved')).toMatchObject({
      outcome: 'applied',
      target: 'senlin-demo',
    });
  });

  it('is rejected once the vendor must be done with it', async () => {
    const { create, stage } = await startStage();
    stage.passage = losing(false).passage;
    const first = await create(SENLIN, KEY);
    expect(first.status).toBe(504);
    const repeat = await whenResolved(() => create(SENLIN, KEY));
    expect([repeat.status, repeat.body.code], repeat.text).toEqual([502, 'not_stored']);
    stage.passage = undefined;
    expect((await create(SENLIN)).status).toBe(201);
  });

  it('is found where its token ended with it and another one could not be had', async () => {
    const { create, stage } = await startStage();
    let creates = 0;
    let logins = 0;
    stage.passage = async (request, deliver) => {
      if (request.method !== 'POST') return deliver();
      if (request.url.includes('/auth/tokens')) {
        if (creates > 0) logins += 1;
        return creates > 0 && logins === 1 ? new Response('', { status: 500 }) : deliver();
      }
      creates += 1;
      await deliver();
      return deliver();
    };
    const body = { target: 'iam-demo', ...NEW_PROFILES['iam-demo'], name: 'eu-de_made' };
    const answer = await create(body);
    expect([answer.status, creates], answer.text).toEqual([201, 1]);
    expect(answer.body).toMatchObject({ write: { outcome: 'applied', evidence: 'read_back' } });
  });

  it('is found also where its request and a search threw after it was sent', async () => {
    const { create, logs, stage, targets } = await startStage();
    const operation = targets.get('senlin-demo')?.connection.create;
    if (operation === undefined) throw new Error('the target creates nothing');
    const { find } = operation;
    let searches = 0;
    const failing: typeof find = (trace) => {
      searches += 1;
      if (searches === 2 || searches === 3) throw new RangeError('a bug');
      return find(trace);
    };
    Object.assign(operation, { find: failing });
    stage.passage = losing(true).passage;
    expect((await create(SENLIN, KEY)).status).toBe(500);
    const repeat = await whenResolved(() => create(SENLIN, KEY));
    expect(repeat.status, repeat.text).toBe(201);
    expect(logs.filter(({ event }) => event === 'recovery_failed')).toHaveLength(1);
  });

  it('is searched for with the configuration that is in force by then', async () => {
    const { create, snapshot, stage, targets } = await startStage();
    const target = targets.get('senlin-demo');
    const operation = target?.connection.create;
    if (target === undefined || operation === undefined) throw new Error('there is no target');
    let searches = 0;
    const find: typeof operation.find = (trace) => {
      searches += 1;
      return operation.find(trace);
    };
    const connection = { ...target.connection, create: { ...operation, find } };
    stage.passage = async (request, deliver) => {
      if (!isCreate(request)) return deliver();
      const loaded = new Map(targets).set('senlin-demo', { ...target, connection });
      Object.assign(snapshot, { targets: loaded });
      throw new Error('lost');
    };
    expect((await create(SENLIN, KEY)).status).toBe(504);
    await whenResolved(() => create(SENLIN, KEY));
    expect(searches).toBeGreaterThan(1);
  });

  it('takes no profile that was there before, however equal, nor one of two', async () => {
    const { create, sandboxAt, stage } = await startStage();
    const made = await create(SENLIN);
    expect(made.status).toBe(201);
    const id = ownText(ownObject(made.body, 'profile'), 'upstreamId') ?? '';
    const stored = sandboxAt('senlin-demo').stored(id) ?? {};
    stage.passage = async (request, deliver) => {
      if (!isCreate(request)) return deliver();
      for (const n of [1, 2]) {
        sandboxAt('senlin-demo').seed(`00000000-0000-4000-8000-00000000000${n}`, stored);
      }
      throw new Error('lost');
    };
    const second = await create(SENLIN, KEY);
    expect(second.status, second.text).toBe(504);
    const repeat = await whenResolved(() => create(SENLIN, KEY));
    expect(repeat.body).toMatchObject({ outcome: 'unknown', reason: 'ambiguous' });
  });
});
