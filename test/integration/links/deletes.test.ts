import { expect, test } from 'vitest';
import { LINKS_OF_PROFILE_MAX } from '../../../src/limits.ts';
import { ask } from '../lifecycle/operating.ts';
import { receiptOf } from '../lifecycle/receipts.ts';
import { at, expectProblem, linkOf, setLink, withLinks } from './linking.ts';

const FILE = {
  'emp-1': { acme: at(1), far: at(2) },
  'emp-2': { acme: at(3) },
  'emp-3': { acme: at(3) },
};

test(
  'a deleted profile leaves its links, of the API and of the file, and the receipt keeps them',
  withLinks(FILE, async (start, directory) => {
    const [replica, other] = [await start('one'), await start('two')];
    await setLink(replica, 'emp-4', { acme: at(1) });
    const answer = await ask(replica, 'DELETE', '/profiles/emp-1', { by: 'portal' });
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 204, text: '' });
    expect([...directory.deleted]).toEqual([at(1)]);
    expect((await linkOf(replica, 'emp-1')).json.targets).toEqual({ far: at(2) });
    expectProblem(await linkOf(replica, 'emp-4'), 404, 'link_not_found');
    const read = await ask(replica, 'GET', '/profiles/emp-1', { by: 'portal' });
    expectProblem(read, 404, 'link_not_found');
    const receipt = await receiptOf(replica, answer.headers.get('x-write-id'));
    expect(receipt).toMatchObject({
      kind: 'delete',
      outcome: 'applied',
      id: 'emp-1',
      upstreamId: at(1),
      unlinked: { 'emp-1': { acme: at(1), far: at(2) }, 'emp-4': { acme: at(1) } },
    });
    // The other replica does not follow an older link, whatever it knows yet.
    const late = await ask(other, 'DELETE', '/profiles/emp-1', { by: 'portal' });
    expectProblem(late, 404, 'link_not_found');
  }),
);

test(
  'a deleted profile leaves a link that another replica has made a moment ago',
  withLinks(FILE, async (start) => {
    const [replica, other] = [await start('one'), await start('two')];
    await setLink(other, 'emp-4', { acme: at(1), far: at(4) });
    const answer = await ask(replica, 'DELETE', `/profiles/acme:${at(1)}`, { by: 'portal' });
    expect(answer.status).toBe(204);
    expect((await linkOf(other, 'emp-4')).json.targets).toEqual({ far: at(4) });
    expect(await receiptOf(replica, answer.headers.get('x-write-id'))).toMatchObject({
      unlinked: { 'emp-1': { acme: at(1) }, 'emp-4': { acme: at(1), far: at(4) } },
    });
  }),
);

test(
  'a profile that several ids lead to leaves all of them',
  withLinks(FILE, async (start) => {
    const replica = await start();
    const answer = await ask(replica, 'DELETE', `/profiles/acme:${at(3)}`, { by: 'portal' });
    expect(answer.status).toBe(204);
    for (const id of ['emp-2', 'emp-3']) {
      expectProblem(await linkOf(replica, id), 404, 'link_not_found');
    }
    expect(await linkOf(replica, 'emp-1')).toMatchObject({ json: { targets: { acme: at(1) } } });
  }),
);

test(
  'a deleted profile leaves its link however often that was set',
  withLinks({}, async (start) => {
    const replica = await start();
    for (let n = 10; n < 20; n += 1) await setLink(replica, 'emp-4', { acme: at(1), far: at(n) });
    const answer = await ask(replica, 'DELETE', '/profiles/emp-4', { by: 'portal' });
    expect(answer.status).toBe(204);
    expect((await linkOf(replica, 'emp-4')).json.targets).toEqual({ far: at(19) });
  }),
);

test(
  'a profile with more links than end with it is not deleted',
  withLinks({}, async (start, directory) => {
    const replica = await start();
    const ids = Array.from({ length: LINKS_OF_PROFILE_MAX + 1 }, (_, n) => `id-${n}`);
    const text = ids.map((id) => JSON.stringify({ id, targets: { acme: at(1) } })).join('\n');
    const headers = { 'content-type': 'application/x-ndjson' };
    expect((await ask(replica, 'POST', '/admin/links', { text, headers })).status).toBe(200);
    const refused = await ask(replica, 'DELETE', `/profiles/acme:${at(1)}`, { by: 'portal' });
    expectProblem(refused, 409, 'link_exists');
    expect(refused.json.detail).toContain('More than 100 links lead to the profile');
    expect([...directory.deleted]).toEqual([]);
    await ask(replica, 'DELETE', '/admin/links/id-7');
    const answer = await ask(replica, 'DELETE', `/profiles/acme:${at(1)}`, { by: 'portal' });
    expect(answer.status).toBe(204);
    const receipt = await receiptOf(replica, answer.headers.get('x-write-id'));
    expect(Object.keys(receipt.unlinked ?? {})).toHaveLength(LINKS_OF_PROFILE_MAX);
    for (const id of ids) expectProblem(await linkOf(replica, id), 404, 'link_not_found');
  }),
);
