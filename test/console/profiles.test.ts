import { beforeAll, describe, expect, test } from 'vitest';
import { NERM } from '../support/profiles.ts';
import { consoleOf, openGatewayHere } from './in-process.ts';
import { CONSOLE_KEYS } from './stage.ts';
import { createVisitor, wordsOf } from './visitor.ts';

const LIST = '/console/targets/nerm-demo/profiles';
const NAVER_LIST = '/console/targets/naver-demo/profiles';
const MANY = 60;

let stage: Awaited<ReturnType<typeof openGatewayHere>>;
let visitor: ReturnType<typeof createVisitor>;
beforeAll(async () => {
  stage = await openGatewayHere();
  for (let i = 0; i < MANY; i += 1) {
    const id = `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`;
    stage.set.byFolder.get('naver')?.seed(id, { name: `planted ${i}` });
  }
  visitor = createVisitor(consoleOf(stage.gateway));
  await visitor.signIn(CONSOLE_KEYS.operations);
});

const seen = async (path: string) => wordsOf(await visitor.get(path));

describe('the profiles of a target', () => {
  test('are linked from its page, each to trying its id', async () => {
    const { text } = await visitor.get('/console/targets/nerm-demo');
    expect(text).toContain(`href="${LIST}"`);
    const page = await visitor.get(LIST);
    expect(page.status).toBe(200);
    expect(page.text).toContain(`href="/console/try?${new URLSearchParams({ id: NERM })}"`);
    expect(wordsOf(page)).toMatch(/Dana Example .*active/);
    const row = (await visitor.get(`/console/try?${new URLSearchParams({ id: NERM })}`)).text;
    expect(row).toContain(`value="${NERM}"`);
  });

  test('are one request of the API, with a line that makes it', async () => {
    const before = stage.gateway.sent.length;
    const words = await seen(`${LIST}?name=Dana+Example`);
    const line = `/profiles?target=nerm-demo&amp;name=Dana+Example&amp;limit=50&#39;`;
    expect(words).toContain(`curl -H &quot;Authorization: Bearer $ADMIN_KEY&quot; `);
    expect(words).toContain(line);
    const paths = stage.gateway.sent.slice(before).map(({ path }) => path);
    expect(paths).toEqual([expect.stringContaining('/profiles?')]);
  });

  test('have the filters that the list declares, as part of the address', async () => {
    const page = await visitor.get(`${LIST}?name=Night+shift&status=`);
    expect(page.text).toMatch(/<input id="name" name="name" type="text" value="Night shift"/);
    for (const name of ['extensions.nerm.profile_type_id', 'extensions.nerm.updated_after']) {
      expect(page.text).toContain(`name="${name}"`);
    }
    expect(page.text).toMatch(/<option value="on_leave"\s*>on_leave/);
    const words = wordsOf(page);
    expect(words).toContain('Night shift');
    expect(words).not.toContain('Dana Example');
    const chosen = await visitor.get(`${LIST}?status=on_leave`);
    expect(chosen.text).toMatch(/<option value="on_leave"\s+selected>/);
    expect(wordsOf(chosen)).toContain('None on this page');
    const none = await seen('/console/targets/senlin-demo/profiles?name=nobody');
    expect(none).toContain('No profile fits');
  });

  test('come in pages, whose links keep the filters', async () => {
    const first = await visitor.get(NAVER_LIST);
    expect(wordsOf(first)).toContain('pages have numbers');
    const rowsOf = (text: string) =>
      [...text.matchAll(/href="\/console\/try\?id=([^"]+)"/g)].map(([, id]) => id);
    const next = /<a href="([^"]+)">Next page<\/a>/.exec(first.text)?.[1] ?? '';
    const second = await visitor.get(next.replaceAll('&amp;', '&'));
    expect(second.status).toBe(200);
    expect(second.text).toContain(`href="${NAVER_LIST}?"`);
    const ids = [...rowsOf(first.text), ...rowsOf(second.text)];
    expect(rowsOf(first.text)).toHaveLength(50);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(MANY);
    const wrong = await visitor.get(`${NAVER_LIST}?cursor=nonsense`);
    expect(wrong.status).toBe(400);
    expect(wordsOf(wrong)).toContain('Begin with the first page again');
    expect(wrong.text).toContain('>First page</a>');
  });

  test('lack fields, which the page names', async () => {
    expect(await seen('/console/targets/iam-demo/profiles')).toMatch(
      /Left out of the list, and shown by reading a profile: \S+/,
    );
  });

  test('are refused with words for a filter that is not declared, or has a wrong value', async () => {
    const unknown = await visitor.get(`${LIST}?colour=red`);
    expect(unknown.status).toBe(400);
    expect(wordsOf(unknown)).toContain('Correct the filter and search again');
    expect((await visitor.get(`${LIST}?status=retired`)).status).toBe(400);
    const nobody = await visitor.get('/console/targets/nobody/profiles');
    expect([nobody.status, wordsOf(nobody)]).toEqual([
      404,
      expect.stringContaining('unknown_target'),
    ]);
  });

  test('that a vendor does not list: why, and what to do instead', async () => {
    const { gateway } = await openGatewayHere();
    const target = gateway.targets.get('nerm-demo');
    if (target !== undefined) Object.assign(target.connection, { list: undefined });
    const other = createVisitor(consoleOf(gateway));
    await other.signIn(CONSOLE_KEYS.operations);
    const words = wordsOf(await other.get(LIST));
    expect(words).toContain('This target lists no profiles');
    expect(words).toContain('Read one profile at Try an id');
    expect(wordsOf(await other.get('/console/targets/nerm-demo'))).toContain('lists no profiles');
  });
});

describe('who may not read profiles', () => {
  test('gets words in place of the list, and nothing is requested of the vendor', async () => {
    const watcher = createVisitor(consoleOf(stage.gateway));
    await watcher.signIn(CONSOLE_KEYS.watcher);
    const before = stage.gateway.sent.length;
    const page = await watcher.get(LIST);
    expect(page.status).toBe(403);
    expect(wordsOf(page)).toContain('You may not see profiles here');
    expect(wordsOf(page)).toContain('profiles:read');
    expect(page.text).not.toContain('Dana Example');
    expect(stage.gateway.sent).toHaveLength(before);
  });

  test('neither does who is at the open listener of operators', async () => {
    const binding = { role: 'admin-open' };
    const open = createVisitor(consoleOf(stage.gateway), { binding });
    const page = await open.get(LIST);
    expect(page.status).toBe(401);
    expect(wordsOf(page)).toContain('You may not see profiles here');
    expect(wordsOf(page)).toContain('&quot;$GATEWAY_URL&quot;&#39;/profiles?target=nerm-demo');
    expect(page.text).not.toContain('Dana Example');
  });
});
