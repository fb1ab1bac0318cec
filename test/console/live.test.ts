import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LIVE_SESSION_STREAMS_MAX, LIVE_STREAMS_MAX } from '../../src/console/bounds.ts';
import { createLiveStreams } from '../../src/console/live.ts';
import type { MatchRunView } from '../../src/http/routes/matches/match-view.ts';
import { statsView } from '../../src/http/routes/overview/stats.ts';
import { consoleOf, openGatewayHere } from './in-process.ts';
import { CONSOLE_KEYS } from './stage.ts';
import { createVisitor } from './visitor.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
});
afterEach(() => {
  vi.useRealTimers();
});

async function open(isEnding = () => false, matches = async (): Promise<MatchRunView[]> => []) {
  const { gateway, hour, pass } = await openGatewayHere();
  const app = consoleOf(gateway, { hour, isEnding, matches });
  const visitor = createVisitor(app);
  await visitor.signIn(CONSOLE_KEYS.watcher);
  const cookie = [...visitor.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const stream = async (query = '') => {
    const url = `http://localhost:8787/console/live${query}`;
    const request = new Request(url, { headers: { cookie } });
    const response = await app.fetch(request);
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    const next = async () => decoder.decode((await reader?.read())?.value);
    return { response, next, cancel: async () => reader?.cancel() };
  };
  const tick = async (ms = 2_000) => {
    pass(ms);
    await vi.advanceTimersByTimeAsync(2_000);
  };
  return { app, gateway, stream, tick };
}

describe('live updates', () => {
  test('come at once and every 2 s, to all streams the same', async () => {
    const { stream, tick } = await open();
    const [a, b] = [await stream(), await stream()];
    expect(a.response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await a.next()).toBe('retry: 1000\n\n');
    expect(await b.next()).toBe('retry: 1000\n\n');
    const first = await a.next();
    expect(first).toMatch(/^data: \{"cells":\{.*\}\n\n$/);
    expect(JSON.parse(first.slice(6)).cells['target.nerm-demo.mode'].text).toBe('active');
    await tick();
    const second = await a.next();
    expect(second).toMatch(/^data: /);
    await b.next();
    await a.cancel();
    await b.cancel();
  });

  test('end after a minute, so that the caller is checked anew, and with the process', async () => {
    const { stream, tick } = await open();
    const { next } = await stream();
    await next();
    await next();
    await tick(60_000);
    expect(await next()).toBe('');
    let isEnding = false;
    const ending = await open(() => isEnding);
    const other = await ending.stream();
    await other.next();
    await other.next();
    isEnding = true;
    await ending.tick();
    expect(await other.next()).toBe('');
    const refused = await ending.stream();
    expect(refused.response.status).toBe(503);
    expect(await refused.next()).toContain('"code":"draining"');
  });

  test('end with an error for who does not take them, so that the connection ends', async () => {
    const { stream, tick } = await open();
    const { next } = await stream();
    for (let i = 0; i < 4; i += 1) await tick();
    await tick(60_000);
    await expect(next()).rejects.toThrow('too slow');
  });

  test('show match runs while a page of them is open, and go on where the state does not answer', async () => {
    let asked = 0;
    const listed = { first: 12_000, second: 0 };
    const run = { id: 'r1', state: 'running', phase: 'list_first', listed, pages: 24 };
    const { stream, tick } = await open(undefined, async () => {
      asked += 1;
      if (asked > 1) throw new Error('the state is silent');
      return [run as MatchRunView];
    });
    const cellsIn = async ({ next }: Awaited<ReturnType<typeof stream>>) =>
      JSON.parse((await next()).slice(6)).cells;
    const overview = await stream();
    await overview.next();
    expect(Object.keys(await cellsIn(overview)).filter((name) => name.startsWith('match'))).toEqual(
      [],
    );
    expect(asked).toBe(0);
    const matching = await stream('?of=matches');
    await matching.next();
    expect(await cellsIn(matching)).toMatchObject({
      'match.r1.state': { tone: 'info', text: 'running' },
      'match.r1.progress': { text: 'lists the first target: 12 000 and 0 profiles, 24 pages' },
    });
    await tick();
    expect(await cellsIn(matching)).toHaveProperty('target.nerm-demo.mode');
    expect(asked).toBe(2);
    await matching.cancel();
    await tick();
    expect(asked).toBe(2);
    await overview.cancel();
  });

  test('are a few for each session', async () => {
    const { stream } = await open();
    const streams = [];
    for (let i = 0; i < LIVE_SESSION_STREAMS_MAX; i += 1) streams.push(await stream());
    expect((await stream()).response.status).toBe(503);
    await streams[0]?.cancel();
    expect((await stream()).response.status).toBe(200);
  });

  test('are tried again after a failure that may pass', async () => {
    const { gateway } = await openGatewayHere();
    const app = consoleOf({ ...gateway, fetch: async () => new Response('', { status: 500 }) });
    const response = await app.fetch(new Request('http://localhost:8787/console/live'));
    expect([response.status, await response.text()]).toEqual([200, 'retry: 5000\n\n']);
  });

  test('are for those who have signed in', async () => {
    const { app } = await open();
    const response = await app.fetch(new Request('http://localhost:8787/console/live'));
    expect(response.status).toBe(204);
  });

  test('are bounded in number, and a look is made only while somebody looks', async () => {
    let looks = 0;
    const sources = {
      targets: async () => [],
      stats: async () => {
        looks += 1;
        return statsView([], 0);
      },
      matches: async () => [],
      isEnding: () => false,
    };
    const handler = createLiveStreams(sources, () => 0);
    const state = { responseHeaders: {}, record: {}, requestId: 'r' };
    const contextOf = (method: string) =>
      ({ get: () => state, req: { method, query: () => undefined } }) as unknown as Parameters<
        typeof handler
      >[0];
    const c = contextOf('GET');
    for (let i = 0; i <= LIVE_STREAMS_MAX; i += 1) {
      expect(handler(contextOf('HEAD'), 'same').status).toBe(200);
    }
    const answers = [];
    for (let i = 0; i < LIVE_STREAMS_MAX; i += 1) answers.push(handler(c, `${i % 8}`));
    expect(handler(c, 'another').status).toBe(503);
    await vi.advanceTimersByTimeAsync(10_000);
    const before = looks;
    expect(before).toBeGreaterThanOrEqual(5);
    expect(before).toBeLessThan(LIVE_STREAMS_MAX);
    for (const answer of answers) await answer.body?.cancel();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(looks).toBe(before);
  });
});
