import { beforeAll, describe, expect, test } from 'vitest';
import { NERM } from '../support/profiles.ts';
import { consoleOf, openGatewayHere } from './in-process.ts';
import { CONSOLE_KEYS, SLOW } from './stage.ts';
import { createVisitor, type SeenPage, wordsOf } from './visitor.ts';

const PATHS = [
  '/console',
  '/console/targets/nerm-demo',
  '/console/targets/nerm-demo/profiles',
  '/console/try',
  '/console/matches',
  '/console/matches/none',
  '/console/routes',
  '/console/links',
  '/console/receipts',
  '/console/receipts/01a22208-5b75-73dc-a195-80659c55931b',
  '/console/in-doubt',
  '/console/replicas',
  '/console/configuration',
  '/console/sign-in',
  '/console/nowhere',
];

let stage: Awaited<ReturnType<typeof openGatewayHere>>;
let visitor: ReturnType<typeof createVisitor>;
beforeAll(async () => {
  stage = await openGatewayHere();
  visitor = createVisitor(consoleOf(stage.gateway, { hour: stage.hour }));
  await visitor.signIn(CONSOLE_KEYS.operations);
});

/** Markup that a policy without `unsafe-inline` keeps from working. */
function inlinePartsOf({ text }: SeenPage): string[] {
  const parts = text.matchAll(/<style|<script(?![^>]*\bsrc=)|\s(?:style|on\w+)=|javascript:/gi);
  return [...parts].map(([part]) => part);
}

describe.each(PATHS)('%s', (path) => {
  test('has policies, and nothing that they forbid', async () => {
    const page = await visitor.get(path);
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(page.headers.get('x-frame-options')).toBe('DENY');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('referrer-policy')).toBe('same-origin');
    expect(inlinePartsOf(page)).toEqual([]);
    expect(page.text.match(/(?:src|href)="(?!\/|#)[^"]*"/g)).toBeNull();
  });

  test('has one heading of the first level, labels, and ids that are there once', async () => {
    const { text } = await visitor.get(path);
    expect(text.match(/<h1>/g)).toHaveLength(1);
    const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const labels = [...text.matchAll(/<label for="([^"]+)"/g)].map(([, id]) => id);
    const fields = [
      ...text.matchAll(/<(?:input|select|textarea)(?![^>]*hidden)[^>]*\sid="([^"]+)"/g),
    ];
    for (const [, id] of fields) expect(labels).toContain(id);
    for (const id of labels) expect(ids).toContain(id);
  });
});

describe('what a view shows', () => {
  const seen = async (path: string) => wordsOf(await visitor.get(path));

  test('the overview: figures, targets and the process', async () => {
    await stage.gateway.ask('GET', `/profiles/${NERM}`, {
      headers: { authorization: `Bearer ${CONSOLE_KEYS.portal}` },
    });
    const page = await visitor.get('/console');
    expect(wordsOf(page)).toMatch(/of one process: \S+\/\d+ .*Requests [1-9]\d* /);
    for (const name of ['nerm-demo', 'nerm-slow', 'iam-demo']) {
      expect(page.text).toContain(`href="/console/targets/${name}"`);
    }
    expect(page.text).toContain('data-live="target.nerm-demo.health"');
  });

  test('rules, with those that are never used, and where ids lead', async () => {
    expect(await seen('/console/routes')).toContain('routes.1 never used routes.0 takes all');
    const query = new URLSearchParams({ ids: `${NERM}\nnobody:1` });
    const words = await seen(`/console/routes?${query}`);
    expect(words).toContain(`${NERM} nerm-demo`);
    expect(words).toContain('nobody:1 unknown_target');
  });

  test.each(['links', 'matches', 'matches/none', 'receipts', 'in-doubt', 'replicas'])(
    '%s without a state: why there is nothing, and what to do',
    async (name) => {
      const words = await seen(`/console/${name}`);
      expect(words).toContain('This gateway has no state');
      expect(words).toContain('Set state in the configuration');
    },
  );

  test.each(['.', '..'])('the id %s as one that no address names', async (id) => {
    expect(await seen(`/console/links?id=${id}`)).toContain('invalid_id');
  });

  test('the configuration without its secrets', async () => {
    const page = await visitor.get('/console/configuration');
    expect(page.text).toContain('«secret:callers.operations.key»');
    for (const key of Object.values(CONSOLE_KEYS)) expect(page.text).not.toContain(key);
  });

  test('an unknown page and an unknown target', async () => {
    expect((await visitor.get('/console/nowhere')).status).toBe(404);
    const page = await visitor.get('/console/targets/nobody');
    expect(page.status).toBe(404);
    expect(wordsOf(page)).toContain('unknown_target');
  });

  test('texts of others as texts', async () => {
    const hostile = '"><script>alert(1)</script>';
    const query = new URLSearchParams({
      id: hostile,
      ids: hostile,
      outcome: hostile,
      done: hostile,
    });
    for (const path of PATHS) {
      const page = await visitor.get(`${path}?${query}`);
      expect(page.text).not.toContain('<script>alert');
      expect(inlinePartsOf(page)).toEqual([]);
    }
    const named = await visitor.get(`/console/targets/${encodeURIComponent(hostile)}`);
    expect(named.text).not.toContain('<script>alert');
  });
});

describe('trying an id', () => {
  const fields = { id: NERM, handling: 'strict' };

  test('shows the route, both profiles and the exact requests, and writes nothing', async () => {
    await visitor.get('/console/try');
    const before = stage.gateway.sent.length;
    const patch = JSON.stringify({ attributes: { cost_centre: '4811' } });
    const page = await visitor.post('/console/try', { ...fields, patch, reads: 'true' });
    const words = wordsOf(page);
    expect(words).toContain('Prediction write');
    expect(words).toContain('target:upstreamId matches the id names the target');
    expect(words).toMatch(/attributes\/cost_centre changes &quot;\d+&quot; &quot;4811&quot;/);
    // NERM needs no read; the condition of what “Send it” sends does.
    expect(words).toMatch(/1\. read GET http.* 2\. profile PATCH http/);
    expect(page.text).not.toContain('sandbox-nerm-token');
    expect(stage.gateway.sent.slice(before).map(({ method }) => method)).toEqual(['GET']);
  });

  test('sends the patch once, however often its form comes', async () => {
    await visitor.get('/console/try');
    const patch = JSON.stringify({ attributes: { cost_centre: '4822' } });
    const explained = await visitor.post('/console/try', { ...fields, patch });
    const key = /name="key" value="([^"]+)"/.exec(explained.text)?.[1] ?? '';
    expect(key).not.toBe('');
    const before = stage.gateway.sent.length;
    const sent = await visitor.post('/console/try/send', { ...fields, patch, key });
    expect(wordsOf(sent)).toContain('The patch is applied');
    const again = await visitor.post('/console/try/send', { ...fields, patch, key });
    expect(wordsOf(again)).toContain('The patch is applied');
    const writes = stage.gateway.sent.slice(before).filter(({ method }) => method === 'PATCH');
    expect(writes).toHaveLength(1);
  });

  test('writes only the profile that was shown, where it was read', async () => {
    await visitor.get('/console/try');
    const patch = JSON.stringify({ attributes: { cost_centre: '4833' } });
    const explained = await visitor.post('/console/try', { ...fields, patch, reads: 'true' });
    expect(wordsOf(explained)).toContain('if the profile is still as it is shown');
    const hidden = (name: string) =>
      new RegExp(`name="${name}" value="([^"]+)"`)
        .exec(explained.text)?.[1]
        ?.replaceAll('&quot;', '"');
    const sending = { ...fields, patch, key: hidden('key') ?? '', tag: hidden('tag') ?? '' };
    const other = JSON.stringify({ attributes: { cost_centre: '4844' } });
    await visitor.post('/console/try/send', { ...fields, patch: other, key: 'of-another' });
    const refused = await visitor.post('/console/try/send', sending);
    expect(refused.status).toBe(412);
    expect(wordsOf(refused)).toContain('The profile has changed: explain the patch again.');
    // The page that it leads to reads the profile again.
    const askedToSend = { ...sending, reads: 'true' };
    expect(explained.text).toContain('name="reads" value="true"');
    expect((await visitor.post('/console/try/send', askedToSend)).text).toMatch(
      /name="reads"[^>]* checked/,
    );
    const now = await visitor.post('/console/try', { ...fields, patch, reads: 'true' });
    expect(wordsOf(now)).toContain('&quot;4844&quot; &quot;4833&quot;');
  });

  test('says that a patch is sent to whatever the profile is, where it was not read', async () => {
    await visitor.get('/console/try');
    const patch = JSON.stringify({ attributes: { cost_centre: '4855' } });
    const explained = await visitor.post('/console/try', { ...fields, patch });
    expect(explained.text).not.toContain('name="tag"');
    expect(wordsOf(explained)).toContain('whatever the profile is now');
  });

  test('shows what would be rejected, and what was', async () => {
    await visitor.get('/console/try');
    const wrong = { ...fields, patch: JSON.stringify({ description: 'x' }) };
    expect(wordsOf(await visitor.post('/console/try', wrong))).toContain('would be rejected');
    const broken = await visitor.post('/console/try', { ...fields, patch: '{' });
    expect([broken.status, wordsOf(broken)]).toEqual([
      400,
      expect.stringContaining('malformed_json'),
    ]);
    expect(broken.text).toContain('>\n{</textarea>');
    const slow = { id: SLOW, handling: 'strict', patch: '{"attributes":{"a":"b"}}', key: 'k-1' };
    const unknown = await visitor.post('/console/try/send', slow);
    expect(unknown.status).toBe(504);
    expect(wordsOf(unknown)).toContain('Outcome unknown');
  });
});
