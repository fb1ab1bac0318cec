import { describe, expect, test } from 'vitest';
import { createInMemoryGateway } from '../../support/in-memory.ts';
import { ask, operated } from '../lifecycle/operating.ts';
import { receiptOf } from '../lifecycle/receipts.ts';
import {
  at,
  createDirectory,
  expectProblem,
  linkOf,
  setLink,
  withLinks,
  write,
} from './linking.ts';

const FILE = { 'emp-1': { acme: at(1), far: at(2) }, 'emp-2': { acme: at(3) } };

describe('a link that the API sets', () => {
  test(
    'is followed at once by reads and writes, in place of that of the file',
    withLinks(FILE, async (start) => {
      const replica = await start();
      expect(await write(replica, 'emp-1')).toMatchObject({ status: 200, at: at(1) });
      const set = await setLink(replica, 'emp-1', { acme: at(7) });
      const link = { id: 'emp-1', targets: { acme: at(7) }, source: 'api', version: 1 };
      expect(set).toMatchObject({ status: 200, json: { ...link, inForceEverywhere: true } });
      expect(await write(replica, 'emp-1')).toMatchObject({ status: 200, at: at(7) });
      expect(await linkOf(replica, 'emp-1')).toEqual({
        status: 200,
        json: { ...link, inForceEverywhere: true },
      });
      const read = await ask(replica, 'GET', '/profiles/emp-1', { by: 'portal' });
      expect(read.json.profile).toMatchObject({ upstreamId: at(7) });
      expect(await write(replica, 'emp-2')).toMatchObject({ status: 200, at: at(3) });
      expect(await linkOf(replica, 'emp-2')).toEqual({
        status: 200,
        json: { id: 'emp-2', targets: { acme: at(3) }, source: 'file' },
      });
    }),
  );

  test(
    'can be removed, and so can one of the file: its id is then that of the target',
    withLinks(FILE, async (start) => {
      const replica = await start();
      await setLink(replica, at(9), { acme: at(7) });
      for (const [id, version] of [
        ['emp-1', 2],
        [at(9), 3],
      ] as const) {
        const removed = await ask(replica, 'DELETE', `/admin/links/${id}`);
        expect(removed).toMatchObject({
          status: 200,
          json: { id, version, inForceEverywhere: true },
        });
        expectProblem(await linkOf(replica, id), 404, 'link_not_found');
        expectProblem(await ask(replica, 'DELETE', `/admin/links/${id}`), 404, 'link_not_found');
      }
      expect(await write(replica, at(9))).toMatchObject({ status: 200, at: at(9) });
      expect(await write(replica, 'emp-1')).toMatchObject({ code: 'invalid_id' });
      expectProblem(await linkOf(replica, 'emp-9'), 404, 'link_not_found');
      await setLink(replica, 'emp-1', { acme: at(8) });
      expect(await write(replica, 'emp-1')).toMatchObject({ status: 200, at: at(8) });
    }),
  );

  test(
    'outlives the replica that has set it',
    withLinks(FILE, async (start) => {
      const first = await start('a');
      await setLink(first, 'emp-1', { acme: at(7) });
      await first.shared.close();
      const second = await start('b');
      expect(await write(second, 'emp-1')).toMatchObject({ status: 200, at: at(7) });
    }),
  );

  test(
    'leaves a receipt with who, why and what it leads to',
    withLinks(FILE, async (start) => {
      const replica = await start();
      const body = { targets: { acme: at(7) }, reason: 'moved, and 31 more' };
      const set = await ask(replica, 'PUT', '/admin/links/emp-1', { body });
      const writeId = set.headers.get('x-write-id');
      expect(await receiptOf(replica, writeId)).toMatchObject({
        ...{ kind: 'link', outcome: 'applied', id: 'emp-1', caller: 'ops' },
        ...{ targets: { acme: at(7) }, reason: body.reason },
      });
      const reason = { body: { reason: 'left' } };
      const removed = await ask(replica, 'DELETE', '/admin/links/emp-1', reason);
      expect(await receiptOf(replica, removed.headers.get('x-write-id'))).toMatchObject({
        ...{ kind: 'unlink', outcome: 'applied', id: 'emp-1', caller: 'ops', reason: 'left' },
      });
    }),
  );

  test(
    'must be one that an id and its targets can have',
    withLinks(FILE, async (start) => {
      const replica = await start();
      expectProblem(await setLink(replica, `acme:${at(1)}`, { acme: at(7) }), 400, 'invalid_id');
      expectProblem(await setLink(replica, '%00', { acme: at(7) }), 400, 'invalid_id');
      for (const targets of [{}, { acme: 'x' }, { nowhere: at(7) }, { acme: 7 }, { acme: '' }]) {
        expectProblem(await setLink(replica, 'emp-1', targets), 422, 'invalid_patch');
      }
      const path = '/admin/links/emp-1';
      for (const [text, status, code] of [
        ['', 400, 'malformed_json'],
        ['[]', 422, 'invalid_patch'],
        [`{"targets":{"acme":"${at(1)}","acme":"${at(2)}"}}`, 422, 'invalid_patch'],
        [`{"targets":{"acme":"${at(1)}"},"force":true}`, 422, 'invalid_patch'],
        [`{"targets":{"__proto__":"x","acme":"${at(1)}"}}`, 422, 'invalid_patch'],
        [`{"targets":{"acme":"${at(1)}"},"__proto__":{}}`, 422, 'invalid_patch'],
        [`{"targets":{"acme":"${at(1)}"},"reason":" "}`, 422, 'invalid_patch'],
        [JSON.stringify({ targets: { acme: 'x'.repeat(70_000) } }), 413, 'body_too_large'],
      ] as const) {
        expectProblem(await ask(replica, 'PUT', path, { text }), status, code);
      }
      const headers = { 'content-type': 'text/plain' };
      expectProblem(
        await ask(replica, 'PUT', path, { text: '{}', headers }),
        415,
        'unsupported_media_type',
      );
      expectProblem(await ask(replica, 'DELETE', path, { text: '{' }), 400, 'malformed_json');
      expectProblem(await setLink(replica, 'emp-1', {}, { by: 'watcher' }), 403, 'forbidden');
      expect((await replica.database.control()).linksVersion).toBe(0);
    }),
  );

  test('needs a state that replicas share', async () => {
    const gateway = await createInMemoryGateway({
      document: operated,
      fetch: createDirectory().fetch,
    });
    const body = { targets: { acme: at(1) } };
    for (const [method, path] of [
      ['GET', '/admin/links'],
      ['POST', '/admin/links'],
      ['GET', '/admin/links/emp-1'],
      ['PUT', '/admin/links/emp-1'],
      ['DELETE', '/admin/links/emp-1'],
    ] as const) {
      const answer = await ask({ gateway }, method, path, method === 'GET' ? {} : { body });
      expectProblem(answer, 404, 'not_found');
      expect(answer.json.detail).toContain('set `state`');
    }
  });

  test(
    'cannot be set while the state does not answer',
    withLinks(FILE, async (start) => {
      const replica = await start();
      replica.cut(true);
      const answer = await setLink(replica, 'emp-1', { acme: at(7) });
      expectProblem(answer, 503, 'state_unavailable');
    }),
  );
});
