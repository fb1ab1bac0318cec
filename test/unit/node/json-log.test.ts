import { execFileSync } from 'node:child_process';
import fs, { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { createNodeLog } from '../../../src/node/telemetry/json-log.ts';
import { CLI, end, LISTENING, node, run, shell } from '../../support/child.ts';
import { call } from '../../support/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line));
}

/** Arguments of Node that run `code` with a log on the standard output. */
function withLog(code: string): string[] {
  const made = "import { createNodeLog } from './src/node/telemetry/json-log.ts';";
  return [
    '--input-type=module',
    '-e',
    `${made} const { flush, log } = createNodeLog('info'); ${code}`,
  ];
}

const INFO_LINES = "for (let i = 0; i < 5; i += 1) log({ level: 'info', event: 'e' + i });";
const FIVE = ['e0', 'e1', 'e2', 'e3', 'e4'];

test('records that come together are written together, in their order', async () => {
  const path = join(folder, 'batch.log');
  const { flush, log } = createNodeLog('info', path);
  log({ level: 'info', event: 'first' });
  await flush();
  const write = vi.spyOn(fs, 'write');
  onTestFinished(() => write.mockRestore());
  for (let i = 0; i < 1_000; i += 1) log({ level: 'info', event: 'request', durationMs: i });
  await flush();
  const writes = write.mock.calls.length;
  expect(writes).toBeGreaterThan(0);
  expect(writes).toBeLessThan(20);
  const lines = linesOf(readFileSync(path, 'utf8')).slice(1);
  expect(lines.map(({ durationMs }) => durationMs)).toEqual(
    Array.from({ length: 1_000 }, (_, i) => i),
  );
  expect(lines[0]).toEqual({
    level: 'info',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    event: 'request',
    durationMs: 0,
  });
});

test('records that come one after the other are written together too', async () => {
  const path = join(folder, 'turns.log');
  const { flush, log } = createNodeLog('info', path);
  log({ level: 'info', event: 'first' });
  await flush();
  const write = vi.spyOn(fs, 'write');
  onTestFinished(() => write.mockRestore());
  const startMs = Date.now();
  for (let i = 0; i < 2_000; i += 1) {
    log({ level: 'info', event: 'request', durationMs: i });
    await nextTurn();
  }
  await flush();
  const tookMs = Date.now() - startMs;
  // One for each 20 ms or 32 KiB, and those of the end.
  expect(write.mock.calls.length).toBeLessThanOrEqual(10 + tookMs / 20);
  const lines = linesOf(readFileSync(path, 'utf8')).slice(1);
  expect(lines.map(({ durationMs }) => durationMs)).toEqual(
    Array.from({ length: 2_000 }, (_, i) => i),
  );
});

test('a line waits for others some milliseconds at most', async () => {
  const path = join(folder, 'alone.log');
  const { flush, log } = createNodeLog('info', path);
  await flush();
  for (const event of ['one', 'two']) {
    log({ level: 'info', event });
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toContain(event), 1_000);
  }
  const [one, two] = linesOf(readFileSync(path, 'utf8')).map(({ time }) => String(time));
  expect(Date.parse(two ?? '')).toBeGreaterThan(Date.parse(one ?? ''));
});

test.each(['warn', 'error'] as const)('a line of level %s waits for none', async (level) => {
  const path = join(folder, `${level}.log`);
  const { flush, log } = createNodeLog('info', path);
  await flush();
  const write = vi.spyOn(fs, 'write');
  onTestFinished(() => write.mockRestore());
  log({ level: 'info', event: 'before' });
  expect(write).not.toHaveBeenCalled();
  log({ level, event: 'urgent' });
  expect(write).toHaveBeenCalledTimes(1);
  await flush();
  const events = linesOf(readFileSync(path, 'utf8')).map(({ event }) => event);
  expect(events).toEqual(['before', 'urgent']);
});

test.each([
  ['of characters of 1 to 4 bytes', ['aéあ😀'.repeat(50)], 1_000],
  ['longer than what is gathered', ['あ'.repeat(30_000)], 20],
  ['that have no room beside another', ['a'.repeat(20_000), 'あ'.repeat(18_000)], 20],
])('lines %s come out whole and in order', async (what, messages, count) => {
  const path = join(folder, `${what}.log`);
  const { flush, log } = createNodeLog('info', path);
  const told = Array.from({ length: count }, (_, i) => messages[i % messages.length]);
  for (const message of told) log({ level: 'info', event: 'e', message });
  await flush();
  const lines = linesOf(readFileSync(path, 'utf8'));
  expect(lines.map(({ message }) => message)).toEqual(told);
});

test('the level comes first, then the time, then the record as it is', async () => {
  const path = join(folder, 'order.log');
  const { flush, log } = createNodeLog('info', path);
  const steps = [{ purpose: 'write', method: 'PATCH', status: 200, durationMs: 1 }] as const;
  const before = new Date().toISOString();
  log({ event: 'a "quoted"\n', id: 'ü', status: 200, steps, losses: [], level: 'info' });
  await flush();
  const line = readFileSync(path, 'utf8');
  const { time } = JSON.parse(line);
  expect(time >= before && time <= new Date().toISOString()).toBe(true);
  const told = '"event":"a \\"quoted\\"\\n","id":"ü","status":200';
  const nested = '"steps":[{"purpose":"write","method":"PATCH","status":200,"durationMs":1}]';
  expect(line).toBe(`{"level":"info","time":"${time}",${told},${nested},"losses":[]}\n`);
});

test.each([
  ['ends by itself', '', 0],
  ['is ended', 'process.exit(3);', 3],
  ['ends by an uncaught error', "throw new Error('uncaught');", 1],
  ['ends by a rejection', "await Promise.reject(new Error('rejected'));", 1],
  ['ends while a write is under way', "log({ level: 'warn', event: 'e5' }); process.exit(4);", 4],
])('a process that %s has written its lines', async (_, ending, expected) => {
  const { code, stdout } = await run(node(withLog(`${INFO_LINES} ${ending}`)));
  expect(code).toBe(expected);
  expect(linesOf(stdout).map(({ event }) => event)).toEqual(
    ending.includes('e5') ? [...FIVE, 'e5'] : FIVE,
  );
});

test.each(['', 'process.exit();'])('however many lines there are (%s)', async (ending) => {
  const many = 'for (let i = 0; i < 20000; i += 1)';
  const code = `${many} log({ level: 'info', event: 'e', status: i }); ${ending}`;
  const { stdout } = await run(node(withLog(code)));
  const told = linesOf(stdout).map(({ status }) => Number(status));
  expect(told.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20_000 }, (_, i) => i));
});

test('lines that wait do not keep a process', async () => {
  const kept = "console.error(process.getActiveResourcesInfo().includes('Timeout'));";
  const { stderr } = await run(node(withLog(`${INFO_LINES} ${kept}`)));
  expect(stderr).toBe('false\n');
});

test('a process whose reader has gone ends', async () => {
  const [type, flag, code] = withLog(`${INFO_LINES} process.exit();`);
  const line = `${process.execPath} ${type} ${flag} "${code}" | true`;
  const child = shell(line);
  onTestFinished(() => end(child).then(() => {}));
  expect(await run(child)).toMatchObject({ code: 0, stderr: '' });
});

/** What a process that runs `code` with a log writes into a pipe that `reader` reads. */
async function piped(code: string, reader: string): Promise<Record<string, unknown>[]> {
  const [type, flag, whole] = withLog(code);
  const child = shell(`${process.execPath} ${type} ${flag} "${whole}" | (${reader})`);
  onTestFinished(() => end(child).then(() => {}));
  return linesOf((await run(child)).stdout);
}

test('a pipe that has room takes a batch at once', async () => {
  const killed = `${INFO_LINES} log({ level: 'warn', event: 'w' }); process.kill(process.pid, 9);`;
  const lines = await piped(killed, 'cat');
  expect(lines.map(({ event }) => event)).toEqual([...FIVE, 'w']);
});

/** Takes what is there now and then, so that the pipe is full and has room in turns. */
const SLOW_READER = 'for i in $(seq 40); do dd bs=65536 count=1 status=none; sleep 0.01; done; cat';

test.each(['a', 'ü', '€'])(
  'a slow pipe gets each line whole and in its order (%s)',
  async (sign) => {
    const sent = 5_000;
    const line = `log({ level: 'info', event: 'e', status: i, message: '${sign}'.repeat(i % 300) })`;
    const turns = 'if (i % 50 === 0) await new Promise((r) => setTimeout(r, 1));';
    const code = `for (let i = 0; i < ${sent}; i += 1) { ${line}; ${turns} }`;
    const lines = await piped(code, SLOW_READER);
    const expected = Array.from({ length: sent }, (_, i) => [i, sign.repeat(i % 300)]);
    expect(lines.map(({ message, status }) => [status, message])).toEqual(expected);
  },
);

test('what a slow output has no room for is dropped, and how much it was is told', async () => {
  const path = join(folder, 'slow.pipe');
  execFileSync('mkfifo', [path]);
  const reader = fs.openSync(path, 'r+');
  const { flush, log } = createNodeLog('info', path);
  const sent = 20_000;
  const message = 'x'.repeat(1_000);
  for (let i = 0; i < sent; i += 1) log({ level: 'info', event: 'request', message });
  const told = /^(\d+) lines were dropped/;
  let text = '';
  // Searching all of the text after each piece would take seconds.
  let end = '';
  const stream = fs.createReadStream('', { fd: reader, encoding: 'utf8', autoClose: false });
  for await (const piece of stream) {
    text += piece;
    end = (end + piece).slice(-message.length);
    if (end.includes('were dropped') && end.endsWith('\n')) break;
  }
  await flush();
  fs.closeSync(reader);
  const lines = linesOf(text);
  const dropped = Number(told.exec(String(lines.at(-1)?.message))?.[1]);
  expect(lines.at(-1)).toMatchObject({ level: 'warn', event: 'log' });
  expect(lines.length - 1 + dropped).toBe(sent);
  expect(text.length).toBeGreaterThan(15 * 1024 * 1024);
  expect(text.length).toBeLessThan(17 * 1024 * 1024);
});

test('a line holds all that a record holds', async () => {
  const path = join(folder, 'whole.log');
  const { flush, log } = createNodeLog('debug', path);
  const pointers = Array.from({ length: 100 }, (_, i) => `/attributes/a${i}`);
  const step = { purpose: 'read', method: 'GET', status: 200, durationMs: 1 } as const;
  const record = { level: 'debug', event: 'request', pointers, steps: [step, step] } as const;
  log(record);
  await flush();
  expect(linesOf(readFileSync(path, 'utf8'))[0]).toMatchObject(record);
});

test('what is below the level is not written', async () => {
  const path = join(folder, 'level.log');
  const { flush, log } = createNodeLog('warn', path);
  for (const level of ['debug', 'info', 'warn', 'error'] as const) log({ level, event: level });
  await flush();
  expect(linesOf(readFileSync(path, 'utf8')).map(({ event }) => event)).toEqual(['warn', 'error']);
});

test('a process that is told to stop has written a line for every answer', async () => {
  const child = node([CLI, '--or-sandbox', '--port', '0']);
  onTestFinished(() => end(child).then(() => {}));
  const origin = (await child.says(LISTENING))[1] ?? '';
  const ids = Array.from({ length: 200 }, (_, i) => `r-${i}`);
  await Promise.all(
    ids.map((id) => call(origin, '/capabilities', { headers: { 'x-request-id': id } })),
  );
  child.kill('SIGTERM');
  expect(await child.ended).toBe(0);
  const lines = linesOf(child.stdout());
  const told = lines.filter(({ event }) => event === 'request').map(({ requestId }) => requestId);
  expect(told.toSorted()).toEqual(ids.toSorted());
  expect(lines.at(-1)).toMatchObject({ event: 'stopping' });
});

test('a process that cannot start has written its warnings', async () => {
  const path = join(folder, 'gateway.json');
  const target = {
    vendor: 'nerm',
    baseUrl: 'http://127.0.0.1:9',
    auth: { method: 'token', token: 'written-out-in-the-file' },
  };
  const listen = { host: '192.0.2.1', port: 1 };
  const callers = { a: { key: 'k'.repeat(32), scopes: ['admin'] } };
  fs.writeFileSync(
    path,
    JSON.stringify({ version: 1, listen, targets: { nerm: target }, callers }),
  );
  const { code, stderr, stdout } = await run(node([CLI, '--config', path]));
  expect({ code, stderr }).toEqual({ code: 69, stderr: expect.stringMatching(/^cannot listen/) });
  const told = linesOf(stdout).map(({ event, level }) => `${level} ${event}`);
  expect(told.slice(0, 2)).toEqual(Array(2).fill('warn configuration'));
  expect(stdout).not.toContain('written-out');
});

test('a level that is none is told in words', async () => {
  const child = node([CLI, '--or-sandbox'], { env: { LOG_LEVEL: 'verbose' } });
  expect(await run(child)).toEqual({
    code: 78,
    stdout: '',
    stderr: 'LOG_LEVEL: must be one of debug, info, warn, error\n',
  });
});
