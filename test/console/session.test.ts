import { beforeAll, describe, expect, test } from 'vitest';
import { COOKIE_CHARACTERS_MAX } from '../../src/console/bounds.ts';
import { createSessionSealer, newSession } from '../../src/console/session.ts';
import { consoleOf, openGatewayHere } from './in-process.ts';
import { CONSOLE_KEYS } from './stage.ts';
import { createVisitor, wordsOf } from './visitor.ts';

let stage: Awaited<ReturnType<typeof openGatewayHere>>;
let app: ReturnType<typeof consoleOf>;
beforeAll(async () => {
  stage = await openGatewayHere();
  app = consoleOf(stage.gateway, { hour: stage.hour });
});

describe('signing in', () => {
  test('a page leads to it, and it leads back', async () => {
    const visitor = createVisitor(app);
    const page = await visitor.get('/console/receipts?outcome=unknown');
    expect(page.status).toBe(303);
    expect(page.location).toBe(
      `/console/sign-in?${new URLSearchParams({ next: '/console/receipts?outcome=unknown' })}`,
    );
    const signedIn = await visitor.signIn(CONSOLE_KEYS.watcher, '/console/routes');
    expect([signedIn.status, signedIn.location]).toEqual([303, '/console/routes']);
    const seen = await visitor.get('/console/routes');
    expect(seen.status).toBe(200);
    expect(wordsOf(seen)).toContain('watcher read only');
  });

  test.each([
    ['a wrong key', 'pgw_key-of-nobody-00000001', 401, 'No caller has this key'],
    ['a caller without rights', CONSOLE_KEYS.portal, 403, 'neither the scope admin:read nor admin'],
    ['what cookies do not hold', 'x'.repeat(10_001), 401, 'too long for a session'],
    ['nothing', '', 401, 'No caller has this key'],
    ['what no header holds', 'two words\u0007', 401, 'No caller has this key'],
  ])('%s is refused with a reason', async (_, key, status, words) => {
    const visitor = createVisitor(app);
    const page = await visitor.signIn(key);
    expect(page.status).toBe(status);
    expect(wordsOf(page)).toContain(words);
    if (key !== '') expect(page.text).not.toContain(key);
    expect((await visitor.get('/console')).status).toBe(303);
  });

  test.each(['//evil.example', 'https://evil.example/console', '/console/../admin', '/console\\x'])(
    'it never leads to %s',
    async (next) => {
      const page = await createVisitor(app).signIn(CONSOLE_KEYS.watcher, next);
      expect(page.location).toBe('/console');
    },
  );
});

describe('the cookie', () => {
  async function cookiesAt(origin: string): Promise<string[]> {
    const visitor = createVisitor(app, { origin });
    const page = await visitor.signIn(CONSOLE_KEYS.operations);
    return page.headers.getSetCookie();
  }

  test('is out of reach of scripts and other sites, and needs no https on this machine', async () => {
    for (const cookie of await cookiesAt('http://127.0.0.1:8787')) {
      expect(cookie).toMatch(/; Path=\/console; HttpOnly; SameSite=Strict$/);
    }
  });

  test('is Secure elsewhere', async () => {
    for (const cookie of await cookiesAt('http://gateway.example')) {
      expect(cookie).toMatch(/; HttpOnly; Secure; SameSite=Strict$/);
    }
  });

  test('does not show the key that it holds', async () => {
    const [cookie = ''] = await cookiesAt('http://127.0.0.1:8787');
    const value = /=([^;]+)/.exec(cookie)?.[1] ?? '';
    expect(value.length).toBeGreaterThan(100);
    const bytes = Buffer.from(value, 'base64url').toString('latin1');
    expect(bytes).not.toContain(CONSOLE_KEYS.operations);
    expect(cookie).not.toContain(CONSOLE_KEYS.operations);
  });

  test('is of no use once altered, or for a gateway with another key', async () => {
    const visitor = createVisitor(app);
    await visitor.signIn(CONSOLE_KEYS.operations);
    const [name = '', value = ''] = [...visitor.cookies][0] ?? [];
    expect((await visitor.get('/console')).status).toBe(200);
    const same = createVisitor(consoleOf(stage.gateway));
    same.cookies.set(name, value);
    expect((await same.get('/console')).status).toBe(200);
    const other = createVisitor(consoleOf(stage.gateway, { sessionKey: 'another-key-'.repeat(4) }));
    other.cookies.set(name, value);
    expect((await other.get('/console')).status).toBe(303);
    for (const at of [0, 20, value.length - 4]) {
      const altered = value[at] === 'A' ? 'B' : 'A';
      visitor.cookies.set(name, value.slice(0, at) + altered + value.slice(at + 1));
      expect((await visitor.get('/console')).status).toBe(303);
    }
  });

  test('a session of the longest token fits into its pieces', async () => {
    const sealer = await createSessionSealer('a-session-key-of-the-tests-0123456789');
    const session = newSession(1, 'x'.repeat(8_192));
    const sealed = await sealer.seal(session);
    expect(Math.ceil(sealed.length / COOKIE_CHARACTERS_MAX)).toBeLessThanOrEqual(4);
    expect(await sealer.open(sealed)).toEqual(session);
    expect(await sealer.open('')).toBeUndefined();
    expect(await sealer.open('not base64 at all !')).toBeUndefined();
  });
});

describe('the end of a session', () => {
  test('comes after eight hours', async () => {
    const { gateway, pass } = await openGatewayHere();
    const visitor = createVisitor(consoleOf(gateway));
    await visitor.signIn(CONSOLE_KEYS.operations);
    pass(8 * 3_600_000 - 1);
    expect((await visitor.get('/console')).status).toBe(200);
    pass(1);
    expect((await visitor.get('/console')).location).toMatch(/^\/console\/sign-in/);
  });

  test('comes with that of its key', async () => {
    const before = createVisitor(app);
    await before.signIn(CONSOLE_KEYS.watcher);
    const { gateway } = await openGatewayHere({
      callers: { operations: { key: CONSOLE_KEYS.operations, scopes: ['admin'] } },
    });
    const after = createVisitor(consoleOf(gateway));
    for (const [name, value] of before.cookies) after.cookies.set(name, value);
    const page = await after.get('/console');
    expect(page.location).toContain('ended=');
    expect(wordsOf(await after.get(page.location))).toContain('Your session has ended');
  });

  test('can be chosen by who may not look any more', async () => {
    const visitor = createVisitor(app);
    await visitor.signIn(CONSOLE_KEYS.watcher);
    const callers = { watcher: { key: CONSOLE_KEYS.watcher, scopes: ['profiles:read'] } };
    const after = createVisitor(consoleOf((await openGatewayHere({ callers })).gateway));
    for (const [name, value] of visitor.cookies) after.cookies.set(name, value);
    const page = await after.get('/console');
    expect([page.status, page.text.includes('action="/console/sign-out"')]).toEqual([403, true]);
    expect((await after.post('/console/sign-out', {})).location).toBe('/console/sign-in?left');
  });

  test('comes by signing out', async () => {
    const visitor = createVisitor(app);
    await visitor.signIn(CONSOLE_KEYS.operations);
    await visitor.get('/console');
    const page = await visitor.post('/console/sign-out', {});
    expect(page.location).toBe('/console/sign-in?left');
    expect(visitor.cookies.size).toBe(0);
    expect((await visitor.get('/console')).status).toBe(303);
  });
});

describe('without callers', () => {
  const nobody = { callers: null };

  test('the console is open, and a key changes nothing', async () => {
    const { gateway } = await openGatewayHere(nobody);
    const visitor = createVisitor(consoleOf(gateway));
    const page = await visitor.get('/console');
    expect(page.status).toBe(200);
    expect(wordsOf(page)).toContain('Open on this machine');
    const signedIn = await visitor.signIn('any-key-at-all');
    expect(signedIn.location).toBe('/console');
    expect(wordsOf(await visitor.get('/console'))).toContain('Open on this machine');
  });

  test('only for names of this machine', async () => {
    const { gateway } = await openGatewayHere(nobody);
    const visitor = createVisitor(consoleOf(gateway), { origin: 'http://gateway.example' });
    expect((await visitor.get('/console')).status).toBe(403);
  });
});

describe('on a listener of the operations', () => {
  const open = { binding: { role: 'admin-open' } };

  test('it is open on loopback, where profiles still need a caller', async () => {
    const visitor = createVisitor(app, open);
    expect(wordsOf(await visitor.get('/console'))).toContain('Open on this machine');
    await visitor.get('/console/try');
    const tried = await visitor.post('/console/try', { id: 'nerm-demo:x', patch: '{}' });
    expect(tried.status).toBe(401);
    await visitor.signIn(CONSOLE_KEYS.operations);
    expect(wordsOf(await visitor.get('/console'))).toContain('operations may act');
  });

  test('a wrong key does not sign in there either', async () => {
    const visitor = createVisitor(app, open);
    expect((await visitor.signIn('pgw_key-of-nobody-00000001')).status).toBe(401);
  });

  test('elsewhere it asks who comes', async () => {
    const visitor = createVisitor(app, { binding: { role: 'admin' } });
    expect((await visitor.get('/console')).status).toBe(303);
    await visitor.signIn(CONSOLE_KEYS.operations);
    await visitor.get('/console/try');
    const fields = { id: 'nobody:1', patch: '{}' };
    expect((await visitor.post('/console/try', fields)).status).toBe(404);
  });
});
