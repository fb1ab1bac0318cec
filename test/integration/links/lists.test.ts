import { describe, expect, test } from 'vitest';
import type { TestReplica } from '../../state/replicas.ts';
import { ask } from '../lifecycle/operating.ts';
import { receiptOf } from '../lifecycle/receipts.ts';
import { at, expectProblem, type FileLinks, linkOf, setLink, withLinks, write } from './linking.ts';

const FILE: FileLinks = Object.fromEntries(
  Array.from({ length: 7 }, (_, n) => [`emp-${n}`, { acme: at(n), far: at(100 + (n % 2)) }]),
);

type Row = { readonly id: string; readonly source: string };

/** Reads all pages; the ids of each. */
async function pagesOf(replica: TestReplica, limit: number, query = ''): Promise<string[][]> {
  const pages: string[][] = [];
  let next: string | undefined;
  do {
    const after = next === undefined ? '' : `&after=${next}`;
    const path = `/admin/links?limit=${limit}${query}${after}`;
    const { json, status } = await ask(replica, 'GET', path, { by: 'watcher' });
    expect(status).toBe(200);
    pages.push(json.links.map(({ id, source }: Row) => `${id} ${source}`));
    next = json.next;
  } while (next !== undefined);
  return pages;
}

function importLines(replica: TestReplica, lines: readonly unknown[], query = '') {
  const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  const headers = { 'content-type': 'application/x-ndjson' };
  return ask(replica, 'POST', `/admin/links${query}`, { text: texts.join('\n'), headers });
}

describe('the list of links', () => {
  test(
    'has those of the API, then those of the file that hold still, each once',
    withLinks(FILE, async (start) => {
      const replica = await start();
      await setLink(replica, 'emp-3', { acme: at(9) });
      await setLink(replica, 'b', { acme: at(9) });
      await setLink(replica, 'a', { acme: at(8) });
      await ask(replica, 'DELETE', '/admin/links/emp-5');
      const whole = (await pagesOf(replica, 100)).flat();
      expect(whole.slice(0, 3)).toEqual(['a api', 'b api', 'emp-3 api']);
      const ofFile = [0, 1, 2, 4, 6].map((n) => `emp-${n} file`);
      expect(whole.slice(3).toSorted()).toEqual(ofFile);
      for (const limit of [1, 2, 3, 5]) {
        const pages = await pagesOf(replica, limit);
        expect(pages.flat()).toEqual(whole);
        expect(pages.every((page) => page.length <= limit)).toBe(true);
      }
    }),
  );

  test(
    'shows which ids lead to a profile',
    withLinks(FILE, async (start) => {
      const replica = await start();
      await setLink(replica, 'emp-1', { acme: at(9) });
      await setLink(replica, 'new', { far: at(101) });
      const query = `&target=far&upstreamId=${at(101)}`;
      for (const limit of [1, 100]) {
        const found = (await pagesOf(replica, limit, query)).flat();
        expect(found.toSorted()).toEqual(['emp-3 file', 'emp-5 file', 'new api']);
      }
      expect(await pagesOf(replica, 100, '&target=far&upstreamId=nobody')).toEqual([[]]);
    }),
  );

  test(
    'takes only what it knows',
    withLinks(FILE, async (start) => {
      const [replica, other] = [await start(), await start('b')];
      const queries = ['?target=acme', '?upstreamId=x', '?limit=0', '?id=emp-1'];
      for (const query of [...queries, '?target=acme&upstreamId=%00']) {
        expectProblem(await ask(replica, 'GET', `/admin/links${query}`), 400, 'invalid_filter');
      }
      const { json } = await ask(replica, 'GET', '/admin/links?limit=3');
      expect((await ask(other, 'GET', `/admin/links?after=${json.next}`)).status).toBe(200);
      const receipts = await ask(replica, 'GET', '/admin/receipts?limit=1');
      const withNul = btoa('links\napi \0').replaceAll('=', '');
      for (const after of ['x', receipts.json.next ?? 'cmVjZWlwdHMKMQ', withNul]) {
        expectProblem(
          await ask(replica, 'GET', `/admin/links?after=${after}`),
          400,
          'invalid_cursor',
        );
      }
    }),
  );
});

describe('an import of links', () => {
  const lines = [
    { id: 'emp-1', targets: { acme: at(1), far: at(101) } },
    { id: 'emp-2', targets: { acme: at(9) } },
    { id: 'new', targets: { acme: at(8) } },
  ];
  const counts = { links: 3, added: 1, replaced: 1, unchanged: 1 };

  test(
    'sets all of them with one version and one receipt',
    withLinks(FILE, async (start) => {
      const replica = await start();
      const imported = await importLines(replica, [...lines, ''], '?reason=ticket%204711');
      expect(imported).toMatchObject({
        status: 200,
        json: { dryRun: false, ...counts, version: 1, inForceEverywhere: true },
      });
      expect(await write(replica, 'new')).toMatchObject({ at: at(8) });
      expect((await linkOf(replica, 'emp-1')).json).toMatchObject({ source: 'api', version: 1 });
      expect(await receiptOf(replica, imported.headers.get('x-write-id'))).toMatchObject({
        ...{ kind: 'import_links', outcome: 'applied', caller: 'ops', links: 3 },
        reason: 'ticket 4711',
      });
    }),
  );

  test(
    'says without a change what it would do',
    withLinks(FILE, async (start) => {
      const replica = await start();
      const answer = await importLines(replica, lines, '?dryRun=true');
      expect(answer).toMatchObject({ status: 200, json: { dryRun: true, ...counts } });
      expect((await replica.database.control()).linksVersion).toBe(0);
      expect(await replica.database.receipts({ max: 10 })).toEqual([]);
    }),
  );

  test(
    'is refused while the links were not read yet',
    withLinks(FILE, async (start) => {
      const replica = await start('a', { isCut: true });
      replica.cut(false);
      for (const query of ['', '?dryRun=true']) {
        expectProblem(await importLines(replica, lines, query), 503, 'state_unavailable');
      }
    }),
  );

  test.each(['', '?dryRun=true'])(
    'is refused with the number of each bad line, and changes nothing (%s)',
    (query) =>
      withLinks(FILE, async (start) => {
        const replica = await start();
        const bad = [
          lines[0],
          '{"id":',
          { id: 'a:b', targets: { acme: at(1) } },
          { id: 'x', targets: { nowhere: at(1) } },
          { id: 'x', targets: { acme: 'short' } },
          lines[0],
          `{"id":"x","targets":{"acme":"${'x'.repeat(70_000)}"}}`,
        ];
        const answer = await importLines(replica, bad, query);
        expectProblem(answer, 422, 'invalid_patch');
        expect(answer.json.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual(
          ['2', '3', '4', '5', '6', '7'].map((line) => `/${line}`),
        );
        expect(answer.json.errors[0]).toMatchObject({ detail: 'Line 2 is not JSON.' });
        expect((await replica.database.control()).linksVersion).toBe(0);
      })(),
  );

  test(
    'counts towards the bodies in flight',
    withLinks(FILE, async (start) => {
      const replica = await start();
      const imports = Array.from({ length: 40 }, () => importLines(replica, lines, '?dryRun=true'));
      const answers = await Promise.all(imports);
      const refused = answers.filter(({ status }) => status !== 200);
      expect(refused.length).toBeGreaterThan(0);
      // Without a length each of them may have 4 MiB, of 32.
      expect(refused.length).toBeLessThanOrEqual(32);
      for (const answer of refused) expectProblem(answer, 503, 'overloaded');
      expect((await importLines(replica, lines)).status).toBe(200);
    }),
  );

  test(
    'is bounded',
    withLinks(FILE, async (start) => {
      const replica = await start();
      const many = Array.from({ length: 5_001 }, (_, n) => ({
        id: `m-${n}`,
        targets: { acme: at(n) },
      }));
      expectProblem(await importLines(replica, many), 422, 'invalid_patch');
      expectProblem(await importLines(replica, []), 422, 'invalid_patch');
      const broken = await importLines(
        replica,
        many.slice(0, 150).map(() => '{'),
      );
      expect(broken.json.errors).toHaveLength(100);
      expect(broken.json.detail).toContain('150 lines are bad');
      const text = ' '.repeat(4 * 1024 * 1024 + 1);
      expectProblem(await importLines(replica, [text]), 413, 'body_too_large');
      expect((await importLines(replica, many.slice(1))).json).toMatchObject({ added: 5_000 });
      const json = await ask(replica, 'POST', '/admin/links', { body: lines });
      expectProblem(json, 415, 'unsupported_media_type');
      expectProblem(await importLines(replica, lines, '?dryRun=1'), 400, 'invalid_filter');
    }),
  );
});
