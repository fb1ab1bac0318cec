import fs, { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { createNodeLog } from '../../src/node-log.ts';
import { end, LISTENING, node, run } from '../child.ts';
import { call } from '../http/client.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line));
}

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
  const child = node(['src/node.ts', '--or-sandbox', '--port', '0']);
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
  const { code, stderr, stdout } = await run(node(['src/node.ts', '--config', path]));
  expect({ code, stderr }).toEqual({ code: 69, stderr: expect.stringMatching(/^cannot listen/) });
  const told = linesOf(stdout).map(({ event, level }) => `${level} ${event}`);
  expect(told.slice(0, 2)).toEqual(Array(2).fill('warn configuration'));
  expect(stdout).not.toContain('written-out');
});

test('a level that is none is told in words', async () => {
  const child = node(['src/node.ts', '--or-sandbox'], { env: { LOG_LEVEL: 'verbose' } });
  expect(await run(child)).toEqual({
    code: 78,
    stdout: '',
    stderr: 'LOG_LEVEL: must be one of debug, info, warn, error\n',
  });
});
