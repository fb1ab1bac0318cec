import { describe, expect, test } from 'vitest';
import { ask, waitFor } from '../lifecycle/operating.ts';
import { at, expectProblem, inForce, linkOf, setLink, withLinks, write } from './linking.ts';

const FILE = { 'emp-1': { acme: at(0) } };

describe('a link that another replica sets', () => {
  test(
    'is followed by every write that begins after the response, whoever is asked',
    withLinks(FILE, async (start, directory) => {
      // Their beats are too far apart to see any change.
      const replicas = [await start('a'), await start('b'), await start('c')] as const;
      for (let n = 1; n <= 30; n += 1) {
        const [setter, writer] = [replicas[n % 3], replicas[(n + 1) % 3]];
        if (setter === undefined || writer === undefined) throw new Error('no replica');
        const set = await setLink(setter, 'emp-1', { acme: at(n) });
        expect(set.json).toMatchObject({ version: n, inForceEverywhere: false });
        expect(await write(writer, 'emp-1', `site ${n}`)).toMatchObject({
          status: 200,
          at: at(n),
        });
      }
      expect(directory.written).toEqual(Array.from({ length: 30 }, (_, i) => at(i + 1)));
    }),
  );

  test(
    'is followed by none before it, while writes and changes run at once',
    withLinks(FILE, async (start, directory) => {
      const [a, b] = [await start('a'), await start('b')];
      let answered = 0;
      let isOver = false;
      const early: string[] = [];
      const writing = Array.from({ length: 4 }, async () => {
        while (!isOver) {
          const least = answered;
          const { at: upstreamId, code } = await write(b, 'emp-1');
          if (code === 'overloaded') continue;
          if (Number(upstreamId?.slice(-12)) < least) early.push(`${upstreamId} after ${least}`);
        }
      });
      for (let n = 1; n <= 40; n += 1) {
        expect((await setLink(a, 'emp-1', { acme: at(n) })).status).toBe(200);
        answered = n;
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      isOver = true;
      await Promise.all(writing);
      expect(directory.written.length).toBeGreaterThan(10);
      expect(early).toEqual([]);
    }),
  );

  test(
    'may take the profile away: the write is refused as any other then',
    withLinks(FILE, async (start, directory) => {
      const [a, b] = [await start('a'), await start('b')];
      await setLink(a, 'emp-1', { far: at(1) });
      expect(await write(b, 'emp-1')).toMatchObject({ status: 404, code: 'link_not_found' });
      expect(directory.written).toEqual([]);
    }),
  );

  test(
    'does not hold up writes by other links',
    withLinks({ ...FILE, 'emp-2': { acme: at(2) } }, async (start) => {
      const [a, b] = [await start('a'), await start('b')];
      await setLink(a, 'emp-1', { acme: at(1) });
      let calls = 0;
      const { linkChanges } = b.database;
      Object.assign(b.database, {
        linkChanges: (...given: Parameters<typeof linkChanges>) => {
          calls += 1;
          return linkChanges(...given);
        },
      });
      expect(await write(b, 'emp-2')).toMatchObject({ status: 200, at: at(2) });
      expect(calls).toBe(0);
    }),
  );

  test(
    'is in force everywhere once all have seen it and no write follows the one before',
    withLinks(FILE, async (start, directory) => {
      const sessionMs = 500;
      const [a, b] = [await start('a', { sessionMs }), await start('b', { sessionMs })];
      const held = Promise.withResolvers<void>();
      directory.waits = () => held.promise;
      const writing = write(b, 'emp-1');
      await waitFor(() => directory.written.length === 1);
      // Routed by the link before, it waits for its turn until long after the change.
      const waiting = write(b, 'emp-1', 'Bonn');
      expect((await setLink(a, 'emp-1', { acme: at(1) })).json.inForceEverywhere).toBe(false);
      const read = () => ask(b, 'GET', '/profiles/emp-1', { by: 'portal' });
      await waitFor(async () => (await read()).json.profile.upstreamId === at(1));
      await new Promise((resolve) => setTimeout(resolve, sessionMs));
      expect((await linkOf(a, 'emp-1')).json.inForceEverywhere).toBe(false);
      held.resolve();
      expect(await writing).toMatchObject({ status: 200, at: at(0) });
      expect(await waiting).toMatchObject({ status: 200, at: at(1) });
      await inForce(a, 'emp-1');
      const { json } = await ask(a, 'GET', '/admin/links');
      expect(json).toMatchObject({ version: 1, inForceEverywhere: true });
    }),
  );

  test(
    'is not in force everywhere while a write by the one before may still be applied',
    withLinks(FILE, async (start, directory) => {
      const a = await start('a');
      directory.waits = async () => {
        throw new Error('the response is lost');
      };
      const written = await write(a, 'emp-1');
      expect(written.code).toBe('outcome_unknown');
      expect((await setLink(a, 'emp-1', { acme: at(1) })).json.inForceEverywhere).toBe(false);
      await inForce(a, 'emp-1');
    }),
  );

  test(
    'is not guessed at: nothing is looked up by links until they were read once',
    withLinks(FILE, async (start) => {
      const a = await start('a');
      await setLink(a, 'emp-1', { acme: at(1) });
      const sessionMs = 500;
      const b = await start('b', { sessionMs, isCut: true });
      const read = (id: string) => ask(b, 'GET', `/profiles/${id}`, { by: 'portal' });
      expectProblem(await read('emp-1'), 503, 'not_configured');
      expect((await read(`acme:${at(5)}`)).status).toBe(200);
      b.cut(false);
      await waitFor(async () => (await read('emp-1')).status === 200);
      expect((await read('emp-1')).json.profile.upstreamId).toBe(at(1));
    }),
  );
});
