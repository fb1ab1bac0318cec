import { describe, expect, test } from 'vitest';
import { createInMemoryGateway } from '../../support/in-memory.ts';
import { ask, operated } from '../lifecycle/operating.ts';
import { receiptOf } from '../lifecycle/receipts.ts';
import { expectProblem } from '../links/linking.ts';
import {
  decide,
  hasState,
  LISTS,
  plantLink,
  readyRunOf,
  SPEC,
  showRun,
  situations,
  startRun,
  withMatching,
} from './planted.ts';

describe('a match run', () => {
  test(
    'finds the situation of every profile',
    withMatching(
      LISTS,
      async (start, planted) => {
        const replica = await start();
        await plantLink(replica, 'emp-8', { acme: 'a8', far: 'b8' });
        const id = await readyRunOf(replica);
        expect(await situations(replica, id)).toEqual({
          'a1 b1': 'unique',
          'a2 b2 b3': 'ambiguous',
          'a3 a4 b4': 'ambiguous',
          ...{ a5: 'missing', a6: 'missing', b5: 'extra' },
          ...{ 'a7 b7': 'already_linked', 'a8 b8': 'already_linked' },
          ...{ 'a9 aa': 'duplicate_key', 'b9 ba': 'duplicate_key' },
        });
        const run = await showRun(replica, id, '?limit=1');
        expect(run).toMatchObject({
          ...{
            by: 'ops',
            phase: 'done',
            listed: { first: 10, second: 9 },
            pages: 10,
            targets: SPEC.targets,
          },
          keys: [{ pointer: '/name', case: 'ignore', blanks: 'collapse' }],
          situations: {
            ...{ unique: 1, ambiguous: 2, missing: 2, extra: 1, already_linked: 2 },
            ...{ duplicate_key: 2, refused: 0 },
          },
        });
        expect(planted.pages).toHaveLength(10);
        const { json } = await ask(replica, 'GET', '/admin/matches', { by: 'watcher' });
        expect(json.matches).toMatchObject([{ id, state: 'ready' }]);
      },
      { 'emp-7': { acme: 'a7', far: 'b7' } },
    ),
  );

  test(
    'is started once for each key of a caller, at whichever replica',
    withMatching(LISTS, async (start) => {
      const [one, two] = [await start('a'), await start('b')];
      const startBy = (key: string, replica = one, body = SPEC) =>
        ask(replica, 'POST', '/admin/matches', { body, headers: { 'idempotency-key': key } });
      const both = await Promise.all([startBy('"k 1"'), startBy('"k 1"', two)]);
      expect(both.map(({ status }) => status)).toEqual([200, 200]);
      const [{ id } = { id: '' }] = both.map(({ json }) => json);
      expect(both[1]?.json.id).toBe(id);
      expect(id).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/);
      const replayed = both.map(({ headers }) => headers.get('idempotency-replayed'));
      expect(replayed.filter((text) => text === 'true')).toHaveLength(1);
      await hasState(one, id, 'ready');
      const late = await startBy('"k 1"', two);
      expect([late.json.id, late.json.state]).toEqual([id, 'ready']);
      const other = await startBy('"k 1"', one, { ...SPEC, requestsPerSecond: 49 });
      expectProblem(other, 422, 'idempotency_key_reused');
      expect((await startBy('k2')).json.id).not.toBe(id);
      expectProblem(await startBy('a b'), 400, 'invalid_idempotency_key');
      expect(await one.database.matches.runs(9)).toHaveLength(2);
      const receipts = await ask(one, 'GET', '/admin/receipts');
      expect(receipts.json.receipts.map(({ kind }: { kind: string }) => kind)).toEqual([
        'match',
        'match',
      ]);
    }),
  );

  test(
    'shows its candidates in pages, and those of one situation',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const id = await readyRunOf(replica);
      const seen: string[] = [];
      let query = '?situation=missing&limit=1';
      for (;;) {
        const { candidates, next, situations: counts } = await showRun(replica, id, query);
        expect(counts === undefined).toBe(query.includes('after'));
        seen.push(
          ...candidates.map(
            (one: { profiles: { upstreamId: string }[] }) => one.profiles[0]?.upstreamId,
          ),
        );
        expect(candidates).toHaveLength(1);
        if (next === undefined) break;
        query = `?situation=missing&limit=1&after=${next}`;
      }
      expect(seen.toSorted()).toEqual(['a5', 'a6']);
      const whole = await showRun(replica, id, '?situation=missing');
      const a6 = whole.candidates.find((one: { hasKey: boolean }) => !one.hasKey);
      expect(a6).toMatchObject({
        profiles: [{ target: 'acme', upstreamId: 'a6', newLinkId: 'a6' }],
        hasMore: false,
      });
      for (const bad of ['?situation=odd', '?limit=0', '?key=1']) {
        const answer = await ask(replica, 'GET', `/admin/matches/${id}${bad}`);
        expectProblem(answer, 400, 'invalid_filter');
      }
      const other = await ask(replica, 'GET', `/admin/matches/${id}?after=bGlua3MKYXBpIGE`);
      expectProblem(other, 400, 'invalid_cursor');
    }),
  );

  test(
    'is refused where its targets or keys cannot be compared',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const post = (body: object, by: 'ops' | 'watcher' = 'ops') =>
        ask(replica, 'POST', '/admin/matches', { by, body: { ...SPEC, ...body } as never });
      expectProblem(await post({}, 'watcher'), 403, 'forbidden');
      expectProblem(await post({ targets: ['acme', 'nowhere'] }), 404, 'unknown_target');
      for (const bad of [
        { targets: ['acme', 'acme'] },
        { targets: ['acme'] },
        { keys: [{ pointer: '/name', secondPointer: '/attributes/hidden' }] },
        { keys: [] },
        { keys: [{ pointer: '/uid' }] },
        { keys: [{ pointer: '/name', case: 'upper' }] },
        { requestsPerSecond: 0 },
        { requestsPerSecond: 51 },
        { force: true },
      ]) {
        expectProblem(await post(bad), 422, 'invalid_patch');
      }
      const twice = '{"targets":["acme","far"],"keys":[{"pointer":"/name","pointer":"/status"}]}';
      expectProblem(
        await ask(replica, 'POST', '/admin/matches', { text: twice }),
        422,
        'invalid_patch',
      );
      expectProblem(
        await ask(replica, 'POST', '/admin/matches', { text: '{' }),
        400,
        'malformed_json',
      );
      expect((await replica.database.matches.runs(9)).length).toBe(0);
      expectProblem(await ask(replica, 'GET', '/admin/matches/nobody'), 404, 'not_found');
      expectProblem(await ask(replica, 'POST', '/admin/matches/x/resume'), 404, 'not_found');
      const all = { body: { all: 'unique' } };
      expectProblem(await ask(replica, 'POST', '/admin/matches/x/confirm', all), 404, 'not_found');
    }),
  );

  test(
    'tries again what passes, and fails with words for what does not',
    withMatching(LISTS, async (start, planted) => {
      const replica = await start();
      planted.faults.push(['target_unavailable', 'It rests.']);
      const id = await startRun(replica);
      await hasState(replica, id, 'ready');
      planted.faults.push(['target_unauthorized', 'The key is refused.']);
      const next = await startRun(replica);
      await hasState(replica, next, 'failed');
      const failed = await showRun(replica, next);
      expect(failed.problem).toBe('target_unauthorized: The key is refused.');
      const confirmed = await decide(replica, next, 'confirm', { all: 'unique' });
      expectProblem(confirmed, 409, 'match_not_ready');
      const resumed = await ask(replica, 'POST', `/admin/matches/${next}/resume`);
      expect(resumed.json).toMatchObject({ id: next, state: 'running' });
      await hasState(replica, next, 'ready');
      expect(await showRun(replica, next)).not.toHaveProperty('problem');
      planted.isTruncated = true;
      const cut = await startRun(replica);
      await hasState(replica, cut, 'failed');
      expect((await showRun(replica, cut)).problem).toContain('does not list all');
    }),
  );

  test(
    'leaves a receipt with who and why',
    withMatching(LISTS, async (start) => {
      const replica = await start();
      const body = { ...SPEC, reason: 'move of the north' };
      const started = await ask(replica, 'POST', '/admin/matches', { body });
      expect(await receiptOf(replica, started.headers.get('x-write-id'))).toMatchObject({
        ...{ kind: 'match', caller: 'ops', match: started.json.id, reason: body.reason },
      });
    }),
  );

  test('needs a state that replicas share', async () => {
    const options = { document: operated, fetch: () => Response.error() };
    const gateway = await createInMemoryGateway(options);
    for (const [method, path] of [
      ['GET', '/admin/matches'],
      ['POST', '/admin/matches'],
      ['GET', '/admin/matches/x'],
      ['POST', '/admin/matches/x/confirm'],
      ['POST', '/admin/matches/x/refuse'],
      ['POST', '/admin/matches/x/resume'],
      ['POST', '/admin/matches/x/stop'],
    ] as const) {
      const answer = await ask({ gateway }, method, path, method === 'GET' ? {} : { body: {} });
      expectProblem(answer, 404, 'not_found');
      expect(answer.json.detail).toContain('set `state`');
    }
    const process = { reach: 'isolate' } as const;
    const worker = await createInMemoryGateway({ ...options, process });
    const { json, status } = await ask({ gateway: worker }, 'GET', '/admin/matches');
    expect([status, json.detail]).toEqual([404, expect.stringContaining('On this runtime')]);
  });
});
