import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { CLI } from '../support/child.ts';
import { NERM } from '../support/profiles.ts';
import { CONSOLE_KEYS, startConsoleStage } from './stage.ts';
import { createVisitor, wordsOf } from './visitor.ts';

const VISITS = 24;
const READS = 40;
const START_MS_MAX = 30_000;

/** Asks on a connection of its own, which any of the workers may accept. */
async function ask(request: Request): Promise<Response> {
  const headers = new Headers(request.headers);
  headers.set('connection', 'close');
  const { method, url } = request;
  const body = method === 'POST' ? { body: await request.text() } : {};
  return await fetch(url, { method, headers, redirect: 'manual', ...body });
}

test('workers share the sessions, the figures and the failures', async () => {
  const stage = await startConsoleStage([CLI, '--workers', '2']);
  try {
    const { origin } = stage;
    const headers = { authorization: `Bearer ${CONSOLE_KEYS.operations}`, connection: 'close' };
    const stats = async () =>
      JSON.parse(await (await fetch(`${origin}/admin/stats`, { headers })).text());
    // The second worker begins after the first one serves.
    const untilMs = performance.now() + START_MS_MAX;
    while ((await stats()).processes.length < 2 && performance.now() < untilMs) await delay(200);
    const visitor = createVisitor({ fetch: ask }, { origin });
    await visitor.signIn(CONSOLE_KEYS.operations);
    const seen = new Set<number>();
    for (let i = 0; i < VISITS; i += 1) seen.add((await visitor.get('/console/routes')).status);
    expect([...seen]).toEqual([200]);

    for (let i = 0; i < READS; i += 1) {
      await (await fetch(`${origin}/profiles/${NERM}`, { headers })).arrayBuffer();
    }
    await stage.patch(NERM, { attributes: { end_date: 'never' } });
    const { processes, total } = await stats();
    expect(new Set(processes).size).toBe(2);
    expect(total.requests).toBe(READS + 1);
    expect(wordsOf(await visitor.get('/console'))).toContain('of 2 processes');
    for (let i = 0; i < 8; i += 1) {
      const words = wordsOf(await visitor.get('/console/targets/nerm-demo'));
      expect(words).toContain('rejected_by_target');
    }
  } finally {
    await stage.stop();
  }
});
