import fs, { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test, vi } from 'vitest';
import { createNodeLog } from '../../../src/node/telemetry/json-log.ts';
import { end, run, shell } from '../../support/child.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-output-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MADE =
  "import { createNodeLog } from './src/node/telemetry/json-log.ts'; const { log } = createNodeLog('info');";

function linesOf(text: string): Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line): Record<string, unknown> => JSON.parse(line));
}

test('lines that a full disk does not take are dropped, and the next ones are whole', async () => {
  const path = join(folder, 'full.log');
  const { flush, log } = createNodeLog('info', path);
  const failing = vi.spyOn(fs, 'write');
  onTestFinished(() => failing.mockRestore());
  const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
  const takesHalf = (
    descriptor: number,
    lines: Uint8Array,
    done: (e: unknown, n: number) => void,
  ) => done(null, fs.writeSync(descriptor, lines, 0, lines.length >> 1));
  const takesNone = (_: number, __: Uint8Array, done: (e: unknown, n: number) => void) =>
    done(full, 0);
  failing.mockImplementationOnce(takesHalf as never).mockImplementationOnce(takesNone as never);
  log({ level: 'info', event: 'cut' });
  await flush();
  failing.mockImplementationOnce(takesNone as never);
  log({ level: 'warn', event: 'lost' });
  await flush();
  log({ level: 'info', event: 'whole' });
  await flush();
  const [cut, ...lines] = readFileSync(path, 'utf8').split('\n');
  expect(cut).toMatch(/^\{"level":"info","time":"[^"]*$/);
  expect(linesOf(lines.join('\n'))).toMatchObject([
    { event: 'whole' },
    { event: 'log', message: '2 lines were dropped because the output failed (ENOSPC)' },
  ]);
});

test.each(['', 'process.exit();'])('a file gets each line once (%s)', async (ending) => {
  const path = join(folder, `file${ending}.log`);
  const line = "log({ level: 'info', event: 'e', status: i })";
  const code = `${MADE} for (let i = 0; i < 5000; i += 1) ${line}; ${ending}`;
  const child = shell(`${process.execPath} --input-type=module -e "${code}" > "${path}"`);
  onTestFinished(() => end(child).then(() => {}));
  expect((await run(child)).code).toBe(0);
  const told = linesOf(readFileSync(path, 'utf8')).map(({ status }) => Number(status));
  expect(told.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 5_000 }, (_, i) => i));
});
