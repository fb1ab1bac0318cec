import { execFileSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CLI, end, shell } from '../../support/child.ts';
import { call, patch } from '../../support/client.ts';
import { freePort } from '../../support/free-port.ts';
import { answered, GET_HEALTH, halfPatch, opened } from './connections.ts';
import { eventsOf, nermAt, type Running, run, type Stage, setStage, until, uuid } from './stage.ts';

/** Longest end of a process that waits for nobody. */
const AT_ONCE_MS = 3_000;
/** Longest end of one that lets callers end their sending, or its log's reader come back. */
const PATIENT_MS = 9_000;

let stage: Stage;
beforeAll(async () => {
  stage = await setStage();
  for (let n = 0; n < 10; n += 1) stage.nerm.seed(uuid(n), { name: `before ${n}` });
});
afterAll(() => stage.stop());

/** A configuration without a delay, with an admin listener on a free port. */
async function configuration(name: string): Promise<{ path: string; admin: string }> {
  const port = await freePort();
  const document = {
    version: 1,
    listen: { drainDelayMs: 0 },
    admin: { host: '127.0.0.1', port },
    targets: { nerm: nermAt(stage) },
  };
  const path = stage.put(`${name.replaceAll(' ', '-')}.json`, JSON.stringify(document));
  return { path, admin: `http://127.0.0.1:${port}` };
}

type Place = { readonly origin: string; readonly admin: string };
type Opening = (place: Place) => Promise<readonly Socket[]>;

const one = async (socket: Promise<Socket>): Promise<readonly Socket[]> => [await socket];

const MANY = Array.from({ length: 300 }, (_, i) => i);
const NEVER_READ = 'GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(200);

describe.concurrent('SIGTERM ends the process with 0 although there', () => {
  test.each<[string, number, Opening]>([
    ['is a silent connection', AT_ONCE_MS, ({ origin }) => one(opened(origin))],
    ['is a silent admin connection', AT_ONCE_MS, ({ admin }) => one(opened(admin))],
    ['is an idle connection', AT_ONCE_MS, ({ origin }) => one(answered(origin, GET_HEALTH))],
    ['is an idle admin one', AT_ONCE_MS, ({ admin }) => one(answered(admin, GET_HEALTH))],
    ['is a bad request', AT_ONCE_MS, ({ origin }) => one(opened(origin, 'nonsense\r\n\r\n'))],
    ['is a TLS handshake', AT_ONCE_MS, ({ origin }) => one(opened(origin, '\x16\x03\x01\x02'))],
    [
      'are many connections of each kind',
      AT_ONCE_MS,
      ({ origin }) =>
        Promise.all(MANY.map((i) => (i % 2 ? opened(origin) : answered(origin, GET_HEALTH)))),
    ],
    ['is half a header', PATIENT_MS, ({ origin }) => one(opened(origin, 'GET /healthz HT'))],
    [
      'is half a second header',
      PATIENT_MS,
      ({ origin }) => one(answered(origin, `${GET_HEALTH}GET /hea`)),
    ],
    [
      'is half a body',
      PATIENT_MS,
      ({ origin }) => one(opened(origin, halfPatch(`nerm:${uuid(1)}`))),
    ],
    ['is a caller who never reads', PATIENT_MS, ({ origin }) => one(opened(origin, NEVER_READ))],
  ])('%s', async (name, boundMs, open) => {
    const { admin, path } = await configuration(name);
    const running = await run(path);
    try {
      const sockets = await open({ origin: running.origin, admin });
      await endsWithin(running, boundMs);
      for (const socket of sockets) socket.destroy();
    } finally {
      await end(running.child);
    }
  });
});

async function endsWithin(running: Running, boundMs: number): Promise<void> {
  const { child } = running;
  // What was just written is with the process by then.
  await new Promise((resolve) => setTimeout(resolve, 200));
  const startMs = performance.now();
  child.kill('SIGTERM');
  expect(await child.ended).toBe(0);
  expect(performance.now() - startMs).toBeLessThan(boundMs);
  expect(eventsOf(running, 'shutdown_forced')).toEqual([]);
}

test('a request at a slow vendor is answered, and silent connections end with it', async () => {
  const { path } = await configuration('slow vendor');
  const running = await run(path);
  try {
    const { origin } = running;
    const silent = await opened(origin);
    const release = stage.hold();
    const arrived = stage.arrived();
    const answer = patch(origin, `nerm:${uuid(2)}`, { name: 'after' });
    await until(() => stage.arrived() > arrived, 'the write at the vendor');
    setTimeout(release, 1_000);
    await endsWithin(running, 1_000 + AT_ONCE_MS);
    expect((await answer).json.write).toMatchObject({ outcome: 'applied' });
    silent.destroy();
  } finally {
    await end(running.child);
  }
});

/** Makes an output, and what is to be done with it once the process serves. */
type OutputMaker = () => { readonly path: string; readonly spoil: () => void; close: () => void };

/** A pipe with a reader who does not read; `goes`: who goes away. */
function pipe(name: string, goes: boolean): OutputMaker {
  return () => {
    const path = join(stage.folder, name);
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, 'r+');
    const close = (): void => closeSync(reader);
    return goes ? { path, spoil: close, close: () => {} } : { path, spoil: () => {}, close };
  };
}

const full: OutputMaker = () => ({ path: '/dev/full', spoil: () => {}, close: () => {} });

describe.concurrent('the process serves and ends although its log goes to', () => {
  test.each<[string, OutputMaker, number]>([
    ['a full disk', full, AT_ONCE_MS],
    ['a pipe whose reader has gone', pipe('gone.pipe', true), AT_ONCE_MS],
    ['a pipe that nobody reads', pipe('stuck.pipe', false), PATIENT_MS],
  ])('%s', async (name, make, boundMs) => {
    const { path } = await configuration(name);
    const port = await freePort();
    const output = make();
    const line = `exec ${process.execPath} ${CLI} --config ${path} --port ${port} > ${output.path}`;
    const child = shell(line, { env: { LOG_LEVEL: undefined } });
    const running = { child, origin: `http://127.0.0.1:${port}` };
    try {
      await until(() => isHealthy(running.origin), 'an answer');
      output.spoil();
      // More than a pipe holds.
      for (let i = 0; i < 20; i += 1) {
        const ids = Array.from({ length: 50 }, () => call(running.origin, '/capabilities'));
        for (const { status } of await Promise.all(ids)) expect(status).toBe(200);
      }
      await endsWithin(running, boundMs);
      expect(child.stderr()).toBe('');
    } finally {
      await end(child);
      output.close();
    }
  });
});

test.each([
  ['serve', '--or-sandbox'],
  ['sandbox', '--host=127.0.0.1'],
])('%s %s goes on when the reader of its output has gone', async (...args) => {
  const port = await freePort();
  const child = shell(`${process.execPath} ${CLI} ${args.join(' ')} --port ${port} | true`);
  const origin = `http://127.0.0.1:${port}`;
  const answers = (): Promise<boolean> =>
    fetch(origin).then(
      () => true,
      () => false,
    );
  try {
    await until(answers, 'an answer');
    // The reload has no file, and the hang-up no terminal.
    if (args[0] === 'serve') child.kill('SIGHUP');
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(await answers()).toBe(true);
    expect(child.stderr()).toBe('');
  } finally {
    await end(child);
  }
});

function isHealthy(origin: string): Promise<boolean> {
  return call(origin, '/healthz').then(
    ({ status }) => status === 200,
    () => false,
  );
}
