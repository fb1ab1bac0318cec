import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { end } from '../../support/child.ts';
import { call, expectProblem, MERGE_PATCH, patch, read } from '../../support/client.ts';
import { eventsOf, nermAt, type Running, run, type Stage, setStage, until, uuid } from './stage.ts';

const WRITES = 500;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
  for (let n = 0; n < WRITES; n += 1) stage.nerm.seed(uuid(n), { name: `before ${n}` });
});
afterAll(() => stage.stop());

async function start(drainDelayMs: number, more: readonly string[] = []): Promise<Running> {
  const listen = { drainDelayMs };
  const targets = { nerm: nermAt(stage) };
  const path = stage.put('gateway.json', JSON.stringify({ version: 1, listen, targets }));
  const running = await run(path, more);
  onTestFinished(() => end(running.child).then(() => {}));
  return running;
}

async function writesInFlight({ origin }: Running): Promise<number> {
  const { text } = await call(origin, '/admin/targets');
  return JSON.parse(text).targets[0].inFlight.writes;
}

test(`SIGTERM during ${WRITES} writes: all of them are answered and stored once, exit code 0`, async () => {
  const delayMs = 1_000;
  const running = await start(delayMs);
  const { child, origin } = running;
  const release = stage.hold();
  const changes = stage.nerm.journal().length;
  const answers = Array.from({ length: WRITES }, (_, n) =>
    patch(origin, `nerm:${uuid(n)}`, { name: `after ${n}` }),
  );
  await until(async () => (await writesInFlight(running)) === WRITES, 'all writes in flight');
  const before = await fetch(`${origin}/readyz`);
  expect([before.status, before.headers.get('connection')]).toEqual([200, 'keep-alive']);

  const toldMs = Date.now();
  child.kill('SIGTERM');
  await child.says(/"event":"stopping"/);
  expectProblem(await call(origin, '/readyz'), 503, 'draining');
  // It still takes requests, and tells callers not to come again on the same connection.
  const health = await fetch(`${origin}/healthz`);
  expect([health.status, health.headers.get('connection')]).toEqual([200, 'close']);
  expect(Date.now() - toldMs).toBeLessThan(delayMs);
  await until(
    () =>
      call(origin, '/healthz').then(
        () => false,
        () => true,
      ),
    'no new connections',
  );
  expect(Date.now() - toldMs).toBeGreaterThanOrEqual(delayMs);
  release();

  const outcomes = await Promise.all(answers);
  expect(outcomes).toHaveLength(WRITES);
  for (const { json, status } of outcomes) {
    expect({ status, write: json.write }).toMatchObject({
      status: 200,
      write: { outcome: 'applied' },
    });
  }
  expect(await child.ended).toBe(0);
  expect(stage.nerm.journal()).toHaveLength(changes + WRITES);
  for (let n = 0; n < WRITES; n += 1) {
    expect(stage.nerm.stored(uuid(n))).toMatchObject({ name: `after ${n}` });
  }
  expect(eventsOf(running, 'shutdown_forced')).toEqual([]);
});

test('a write whose caller has gone is ended before the process is', async () => {
  const { child, origin } = await start(0);
  const release = stage.hold();
  const arrived = stage.arrived();
  const gone = new AbortController();
  const answer = fetch(`${origin}/profiles/nerm:${uuid(1)}`, {
    method: 'PATCH',
    headers: MERGE_PATCH,
    body: '{"name":"from nobody"}',
    signal: gone.signal,
  });
  await until(() => stage.arrived() > arrived, 'the write at the vendor');
  gone.abort();
  await expect(answer).rejects.toThrow();
  child.kill('SIGTERM');
  await child.says(/"event":"stopping"/);
  const early = await Promise.race([child.ended, new Promise((r) => setTimeout(r, 300, 'runs'))]);
  expect(early).toBe('runs');
  release();
  expect(await child.ended).toBe(0);
  expect(stage.nerm.stored(uuid(1))).toMatchObject({ name: 'from nobody' });
});

test('a second signal leaves the delay out', async () => {
  const { child, origin } = await start(30_000);
  expect((await read(origin, `nerm:${uuid(2)}`)).status).toBe(200);
  child.kill('SIGTERM');
  await child.says(/"event":"stopping"/);
  child.kill('SIGTERM');
  expect(await child.ended).toBe(0);
});

/** Throws what nobody catches when the process gets a signal. */
const THROWS = `data:text/javascript,${encodeURIComponent(
  "process.on('SIGUSR2',()=>setImmediate(()=>{throw new TypeError('a value of a profile')}))",
)}`;

test('an uncaught error ends the process with another code, after what is in flight', async () => {
  const running = await start(30_000, ['--import', THROWS]);
  const { child, origin } = running;
  const release = stage.hold();
  const arrived = stage.arrived();
  const answer = patch(origin, `nerm:${uuid(3)}`, { name: 'in flight' });
  await until(() => stage.arrived() > arrived, 'the write at the vendor');
  child.kill('SIGUSR2');
  await child.says(/"event":"stopping"/);
  release();
  expect((await answer).json.write).toMatchObject({ outcome: 'applied' });
  expect(await child.ended).toBe(70);
  expect(eventsOf(running, 'uncaught_exception')).toMatchObject([
    { level: 'error', message: expect.stringMatching(/^TypeError at /) },
  ]);
  expect(child.stdout() + child.stderr()).not.toContain('a value of a profile');
});
