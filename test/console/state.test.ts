import { describe, expect, test } from 'vitest';
import { LISTED_ROWS } from '../../src/console/bounds.ts';
import {
  ask,
  KEYS,
  PROFILE,
  patch,
  waitFor,
  withReplicas,
} from '../integration/lifecycle/operating.ts';
import { BODY, createVendor as createCreatingVendor } from '../state/creating-vendor.ts';
import { ID, type TestReplica } from '../state/replicas.ts';
import { receiptRow } from '../state/suite/store.ts';
import { consoleOf } from './in-process.ts';
import { createVisitor, nextPageOf, wordsOf } from './visitor.ts';

/** Outlasts the pauses of a busy machine. */
const CALM = { sessionMs: 20_000 };

async function visit({ gateway }: TestReplica, key: string = KEYS.ops) {
  const visitor = createVisitor(consoleOf(gateway));
  await visitor.signIn(key);
  return visitor;
}

describe('links', () => {
  test(
    'are set, found both ways, and removed',
    withReplicas(async (start) => {
      const visitor = await visit(await start('a', CALM));
      await visitor.get('/console/links');
      const fields = { id: 'emp-17', targets: `acme: ${ID}`, reason: 'ticket 4711' };
      const set = await visitor.post('/console/links/set', fields);
      expect(set.location).toMatch(/^\/console\/links\?id=emp-17&done=set&receipt=[\w-]+$/);
      const words = wordsOf(await visitor.get(set.location));
      expect(words).toContain('The link is set');
      expect(words).toContain(`emp-17 acme ${ID} api`);
      const query = new URLSearchParams({ target: 'acme', upstreamId: ID });
      expect(wordsOf(await visitor.get(`/console/links?${query}`))).toContain(`emp-17 acme ${ID}`);
      const receipt = /receipt=([\w-]+)/.exec(set.location)?.[1];
      const shown = wordsOf(await visitor.get(`/console/receipts/${receipt}`));
      expect(shown).toContain('Receipt of a link');
      expect(shown).toContain('ticket 4711');
      await visitor.get('/console/links');
      const removed = await visitor.post('/console/links/remove', { id: 'emp-17', reason: '' });
      expect(removed.location).toContain('done=remove');
      expect(wordsOf(await visitor.get('/console/links?id=emp-17'))).toContain('has no link');
    }),
  );

  test(
    'that cannot be are refused with what is wrong, and the form keeps its content',
    withReplicas(async (start) => {
      const visitor = await visit(await start('a', CALM));
      await visitor.get('/console/links');
      const page = await visitor.post('/console/links/set', { id: 'emp-17', targets: 'nobody: x' });
      expect(page.status).toBe(400);
      expect(page.text).toContain('nobody: x</textarea>');
      expect(wordsOf(await visitor.get('/console/links'))).toContain('No links');
    }),
  );

  test(
    'have their next page at the address of the list, also where a form was refused',
    withReplicas(async (start) => {
      const replica = await start('a', CALM);
      const links = Array.from({ length: LISTED_ROWS + 1 }, (_, i) => ({
        id: `emp-${i}`,
        targets: { acme: ID },
      }));
      await replica.database.changeLinks(links, receiptRow('of the test'));
      const visitor = await visit(replica);
      await visitor.get('/console/links');
      const page = await visitor.post('/console/links/set', { id: 'emp-1', targets: 'nobody: x' });
      const next = nextPageOf(page);
      expect(next).toContain('/console/links?after=');
      expect((await visitor.get(next)).status).toBe(200);
    }),
  );

  test(
    'are imported after a dry run',
    withReplicas(async (start) => {
      const visitor = await visit(await start('a', CALM));
      const page = await visitor.get('/console/links');
      expect(page.text).not.toContain('value="now"');
      const lines = ['emp-1', 'emp-2']
        .map((id) => JSON.stringify({ id, targets: { acme: ID } }))
        .join('\r\n');
      const tried = await visitor.post('/console/links/import', { lines, import: 'try' });
      expect(wordsOf(tried)).toMatch(/Dry run.*Links 2 Added 2 Replaced 0/);
      expect(tried.text).toContain('value="now"');
      expect(wordsOf(await visitor.get('/console/links'))).toContain('No links');
      await visitor.post('/console/links/import', { lines, import: 'try' });
      const done = await visitor.post('/console/links/import', { lines, import: 'now' });
      expect(done.location).toContain('done=import');
      expect(wordsOf(await visitor.get('/console/links'))).toMatch(/emp-1 .*emp-2 /);
    }),
  );
});

describe('receipts', () => {
  test(
    'are filtered, paged, and one shown as a timeline',
    withReplicas(async (start) => {
      const replica = await start('a', CALM);
      const visitor = await visit(replica);
      for (let i = 0; i < 52; i += 1) await patch(replica, { owner: String(i) });
      const stored = async () => (await ask(replica, 'GET', '/admin/receipts')).json.receipts;
      await waitFor(async () => (await stored()).length === 52);
      const page = await visitor.get('/console/receipts?outcome=applied');
      expect(page.text.match(/<tr>/g)).toHaveLength(51);
      const next = /href="(\/console\/receipts\?[^"]*after=[^"]*)"/.exec(page.text)?.[1] ?? '';
      expect(next).toContain('outcome=applied');
      const second = await visitor.get(next.replaceAll('&amp;', '&'));
      expect(second.text.match(/<tr>/g)).toHaveLength(3);
      expect(wordsOf(await visitor.get('/console/receipts?outcome=partial'))).toContain(
        'No receipt fits',
      );
      expect((await visitor.get('/console/receipts?since=yesterday')).status).toBe(400);
      const one = /href="(\/console\/receipts\/[^"]+)"/.exec(page.text)?.[1] ?? '';
      const words = wordsOf(await visitor.get(one));
      expect(words).toMatch(/Timeline .*write PATCH 200 .*ms end applied/);
      expect(words).toContain(`Profile ${PROFILE}`);
      expect(words).toContain('/attributes/owner applied');
    }),
  );
});

describe('profiles in doubt', () => {
  test(
    'are listed, and their marks lifted with a reason',
    withReplicas(async (start) => {
      const silent = async () => new Response('gateway timeout', { status: 504 });
      const replica = await start('a', { ...CALM, fetch: silent, settleMs: 60_000 });
      await patch(replica, { owner: 'x' });
      const visitor = await visit(replica);
      const words = wordsOf(await visitor.get('/console/in-doubt'));
      expect(words).toContain(PROFILE);
      expect(words).toContain('portal');
      const missing = await visitor.post('/console/in-doubt/lift', { id: PROFILE, reason: '' });
      expect(missing.status).toBe(422);
      const watcher = await visit(replica, KEYS.watcher);
      const seen = await watcher.get('/console/in-doubt');
      expect(seen.text).not.toContain('/console/in-doubt/lift');
      const fields = { id: PROFILE, reason: 'ticket 4711: the vendor has dropped it' };
      expect((await watcher.post('/console/in-doubt/lift', fields)).status).toBe(403);
      await visitor.get('/console/in-doubt');
      const lifted = await visitor.post('/console/in-doubt/lift', fields);
      expect(lifted.location).toMatch(/^\/console\/in-doubt\?done=lift&receipt=/);
      expect(wordsOf(await visitor.get(lifted.location))).toMatch(
        /The mark is lifted .*Nothing is in doubt/,
      );
    }),
  );
});

test(
  'open creates are shown with their names, and lifted',
  withReplicas(async (start) => {
    const vendor = createCreatingVendor();
    vendor.makes = false;
    const fetch = async (request: Request): Promise<Response> => {
      if (request.method === 'POST') throw new Error('no answer');
      return vendor.fetch(request);
    };
    const replica = await start('a', { ...CALM, fetch, waitMsMax: 50 });
    const headers = { 'idempotency-key': 'once' };
    await ask(replica, 'POST', '/profiles', { by: 'portal', body: BODY, headers });
    const visitor = await visit(replica);
    await waitFor(async () =>
      wordsOf(await visitor.get('/console/in-doubt')).includes('Create at acme CANARY-NAME'),
    );
    const [open] = (await ask(replica, 'GET', '/admin/in-doubt')).json.inDoubt;
    const fields = { id: open.create, reason: 'ticket 4712' };
    const lifted = await visitor.post('/console/in-doubt/lift', fields);
    expect(wordsOf(await visitor.get(lifted.location))).toMatch(
      /The mark is lifted .*Nothing is in doubt/,
    );
    await waitFor(() => replica.gateway.logs.some(({ event }) => event === 'create_resolved'));
  }),
);

test(
  'replicas show themselves, and a state that does not answer',
  withReplicas(async (start) => {
    const replica = await start('first', CALM);
    const visitor = await visit(replica);
    expect(wordsOf(await visitor.get('/console/replicas'))).toContain('first this one');
    replica.cut(true);
    expect(wordsOf(await visitor.get('/console/receipts'))).toContain('state_unavailable');
  }),
);
