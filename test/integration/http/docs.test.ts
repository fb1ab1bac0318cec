import { expect, it } from 'vitest';
import { showDocs } from '../../../src/http/routes/docs.ts';
import { createDocs } from '../../../src/node/docs-page.ts';
import { createInMemoryGateway, UPSTREAM } from '../../support/in-memory.ts';

const document = {
  version: 1,
  targets: {
    acme: {
      vendor: 'nerm',
      baseUrl: `${UPSTREAM}/api`,
      auth: { method: 'token', token: 'token-of-the-tests' },
    },
  },
  callers: { portal: { key: 'key-of-the-portal-1', scopes: ['profiles:read'] } },
};
let isOn = true;
const { ask } = await createInMemoryGateway({
  document,
  fetch: () => new Response(),
  process: { docs: showDocs(createDocs(() => isOn)) },
});
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

it('the page and all that it loads come from the gateway, for everybody', async () => {
  const page = await ask('GET', '/docs');
  const loaded = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, to = '']) => to);
  const files = loaded.filter((to) => to.startsWith('docs/'));
  expect(loaded.filter((to) => !files.includes(to))).toEqual(['data:,', 'openapi.json']);
  expect(files).toHaveLength(4);
  for (const [path, type] of [
    ['/docs', 'text/html'],
    ...files.map((to) => [`/${to}`, to.endsWith('.js') ? 'text/javascript' : 'text/css']),
  ]) {
    const { headers, status, text } = await ask('GET', `${path}`);
    expect([path, status, headers.get('content-type')]).toEqual([
      path,
      200,
      `${type}; charset=utf-8`,
    ]);
    expect(headers.get('content-security-policy')).toBe(POLICY);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(text.length).toBeGreaterThan(50);
  }
});

it('a file is kept as bytes, and not sent again to who has it', async () => {
  const path = '/docs/swagger-ui-bundle.js';
  const etag = (await ask('GET', path)).headers.get('etag') ?? '';
  expect(etag).toMatch(/^"[\w-]{43}"$/);
  const again = await ask('GET', path, { headers: { 'if-none-match': `"other", ${etag}` } });
  expect([again.status, again.text]).toEqual([304, '']);
  const other = await ask('GET', path, { headers: { 'if-none-match': '"other"' } });
  expect(other.status).toBe(200);
  const find = createDocs(() => true);
  const [a, b] = [await find('swagger-ui-bundle.js'), await find('swagger-ui-bundle.js')];
  expect(a?.bytes).toBeInstanceOf(Uint8Array);
  expect(b?.bytes).toBe(a?.bytes);
});

it('nothing in the page needs an exception of the policy', async () => {
  const { text } = await ask('GET', '/docs');
  expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script>|javascript:|https?:/);
});

it.each([
  '/docs/',
  '/docs/none.js',
  '/docs/..%2fpackage.json',
  '/docs/swagger-ui.css.map',
  '/docs/index.html',
])('%s is not found', async (path) => {
  expect((await ask('GET', path)).body).toMatchObject({ code: 'not_found' });
});

it('a configuration can switch it off, at once', async () => {
  isOn = false;
  for (const path of ['/docs', '/docs/page.js', '/docs/swagger-ui.css']) {
    expect((await ask('GET', path)).body).toMatchObject({ status: 404, code: 'not_found' });
  }
  isOn = true;
  expect((await ask('GET', '/docs')).status).toBe(200);
});
