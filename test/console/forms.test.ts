import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { IMPORT_FORM_BYTES_MAX } from '../../src/console/bounds.ts';
import { BODY_BYTES_IN_FLIGHT_MAX } from '../../src/limits.ts';
import { consoleOf, openGatewayHere } from './in-process.ts';
import { CONSOLE_KEYS } from './stage.ts';
import { createVisitor, wordsOf } from './visitor.ts';

const TARGET = '/console/targets/nerm-demo';
const DRAIN = `${TARGET}/drain`;

let stage: Awaited<ReturnType<typeof openGatewayHere>>;
let app: ReturnType<typeof consoleOf>;
beforeAll(async () => {
  stage = await openGatewayHere();
  app = consoleOf(stage.gateway);
});
const isDrained = () => stage.gateway.targets.get('nerm-demo')?.control.drained !== undefined;
beforeEach(() => {
  const control = stage.gateway.targets.get('nerm-demo')?.control;
  if (control !== undefined) control.drained = undefined;
});

async function operator() {
  const visitor = createVisitor(app);
  await visitor.signIn(CONSOLE_KEYS.operations);
  await visitor.get(TARGET);
  return visitor;
}

describe('a form', () => {
  test('of this session is accepted, and leads back to its page', async () => {
    const visitor = await operator();
    const page = await visitor.post(DRAIN, { reason: 'ticket 4711' });
    expect([page.status, page.location]).toEqual([303, `${TARGET}?done=drain`]);
    expect(isDrained()).toBe(true);
    const seen = wordsOf(await visitor.get(page.location));
    expect(seen).toContain('The target is drained');
    expect(seen).toMatch(/By operations .*ticket 4711/);
    expect((await visitor.post(`${TARGET}/undrain`, { reason: '' })).status).toBe(303);
    expect(isDrained()).toBe(false);
  });

  test.each([
    ['without its token', { csrf: '' }, {}],
    ['with another token', { csrf: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }, {}],
    ['of another site', {}, { 'sec-fetch-site': 'cross-site' }],
    ['of another name of the site', {}, { 'sec-fetch-site': 'same-site' }],
    ['of another origin', {}, { origin: 'http://localhost:3000' }],
    ['of no origin', {}, { origin: 'null' }],
  ])('%s is refused', async (_, fields, headers) => {
    const visitor = await operator();
    const page = await visitor.post(DRAIN, fields, headers);
    expect(page.status).toBe(403);
    expect(wordsOf(page)).toContain('The form was refused');
    expect(isDrained()).toBe(false);
  });

  test('with the token of another session is refused', async () => {
    const [visitor, other] = [await operator(), await operator()];
    expect(other.csrf()).not.toBe(visitor.csrf());
    expect((await visitor.post(DRAIN, { csrf: other.csrf() })).status).toBe(403);
    expect(isDrained()).toBe(false);
  });

  test('of another type is refused', async () => {
    const visitor = await operator();
    for (const type of ['text/plain', 'application/json']) {
      expect((await visitor.post(DRAIN, {}, { 'content-type': type })).status).toBe(403);
    }
    expect(isDrained()).toBe(false);
  });

  test('that is too long is refused before it is read', async () => {
    const visitor = await operator();
    const page = await visitor.post(DRAIN, { reason: 'x'.repeat(70_000) });
    expect(page.status).toBe(413);
  });

  test('signing in needs a token too', async () => {
    const visitor = createVisitor(app);
    await visitor.get('/console/sign-in');
    const page = await visitor.post('/console/sign-in', { csrf: '', key: CONSOLE_KEYS.operations });
    expect(page.status).toBe(403);
    expect((await visitor.get('/console')).status).toBe(303);
  });

  test('needs its token where the console is open', async () => {
    const { gateway } = await openGatewayHere({ callers: null });
    const visitor = createVisitor(consoleOf(gateway));
    await visitor.get(TARGET);
    const drained = () => gateway.targets.get('nerm-demo')?.control.drained !== undefined;
    expect((await visitor.post(DRAIN, { csrf: '' })).status).toBe(403);
    expect(drained()).toBe(false);
    expect((await visitor.post(DRAIN, {})).status).toBe(303);
    expect(drained()).toBe(true);
  });
});

describe('a long form', () => {
  /** Sends the head of a form, and nothing of its body. */
  async function begin(key: string) {
    const visitor = createVisitor(app);
    await visitor.signIn(key);
    const stop = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        stop.signal.addEventListener('abort', () => controller.error(stop.signal.reason));
      },
    });
    const sent = visitor.send('/console/links/import', {
      method: 'POST',
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(IMPORT_FORM_BYTES_MAX),
      },
      body,
      duplex: 'half',
    });
    return { sent, stop };
  }

  test('of who may not send it is refused before it is read', async () => {
    const { sent } = await begin(CONSOLE_KEYS.watcher);
    expect((await sent).status).toBe(403);
  });

  test('counts in the memory of forms in flight until it is answered', async () => {
    const rooms = Math.floor(BODY_BYTES_IN_FLIGHT_MAX / IMPORT_FORM_BYTES_MAX);
    const begun = await Promise.all(
      Array.from({ length: rooms }, () => begin(CONSOLE_KEYS.operations)),
    );
    const refused = await (await begin(CONSOLE_KEYS.operations)).sent;
    expect(refused.status).toBe(503);
    expect(wordsOf(refused)).toContain('hold too much memory');
    for (const { stop } of begun) stop.abort();
    for (const { sent } of begun) expect((await sent).status).toBe(403);
    const visitor = await operator();
    const lines = { lines: 'x'.repeat(100_000) };
    expect((await visitor.post('/console/links/import', lines)).status).not.toBe(503);
  });

  test('to sign in is refused', async () => {
    const visitor = createVisitor(app);
    expect((await visitor.signIn('x'.repeat(20_000))).status).toBe(413);
  });
});

describe('who only looks', () => {
  test('is offered no action, and may take none', async () => {
    const visitor = createVisitor(app);
    await visitor.signIn(CONSOLE_KEYS.watcher);
    const page = await visitor.get(TARGET);
    expect(page.text).not.toContain(`action="${DRAIN}"`);
    const refused = await visitor.post(DRAIN, { reason: 'ticket 4711' });
    expect(refused.status).toBe(403);
    expect(wordsOf(refused)).toContain('a caller with the scope admin');
    expect(isDrained()).toBe(false);
    const actions = [
      [`${TARGET}/undrain`, {}],
      ['/console/try', { id: 'nerm-demo:x', patch: '{}' }],
      ['/console/try/send', { id: 'nerm-demo:x', patch: '{"name":"x"}', key: 'k' }],
    ] as const;
    for (const [path, fields] of actions) {
      expect([path, (await visitor.post(path, fields)).status]).toEqual([path, 403]);
    }
  });

  test('who has not signed in is led to signing in, whatever is sent', async () => {
    const visitor = createVisitor(app);
    expect((await visitor.post(DRAIN, {})).location).toMatch(/^\/console\/sign-in/);
    expect(isDrained()).toBe(false);
  });
});
