import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { reasonToSkip } from '../state/postgres-server.ts';
import { ROOT } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { createBench } from './commands.ts';
import { blocksOf, documentAt } from './documents.ts';

/** The way to three replicas in docs/state.md, in one shell, line by line, but for the ports. */

const skips = reasonToSkip('commands of docs/state.md', 'postgresql') !== undefined;
const lines = blocksOf('sh', [documentAt('docs/state.md')]).flatMap((block) =>
  block.trim().split('\n'),
);
const CONFIGURATION = 'docs/examples/replicas/local/gateway.yaml';
/** The first of the ports in the document, and how many follow each other. */
const PRINTED = 8787;
const PORTS = 5;
const COMMANDS_MAX = 10;
const LINE_MS_MAX = 20_000;

/** What a line that goes on in the background shows once it is ready; how often. */
const READY: readonly { readonly line: RegExp; readonly shows: RegExp; readonly times: number }[] =
  [
    { line: /^npm start &$/, shows: /senlin-demo:/g, times: 1 },
    { line: /^npm run cluster /, shows: /^PostgreSQL /gm, times: 1 },
    { line: /^for port in .* & done$/, shows: /"event":"listening"/g, times: 3 },
  ];

/** The first of ports that nobody listens on. */
async function freePorts(): Promise<number> {
  for (;;) {
    const first = await freePort();
    const all = Array.from({ length: PORTS }, (_, i) => isFree(first + i));
    if ((await Promise.all(all)).every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

describe.skipIf(skips)('from one process to three replicas', () => {
  const bench = createBench();
  let bash: ChildProcess;
  let closed: Promise<unknown>;
  let said = '';
  let first: number;

  beforeAll(async () => {
    first = await freePorts();
    const configuration = readFileSync(join(ROOT, CONFIGURATION), 'utf8');
    writeFileSync(join(bench.folder, 'gateway.yaml'), here(configuration));
    bash = spawn('bash', {
      cwd: ROOT,
      env: { ...process.env, ...bench.env, PORT: '0' },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    closed = new Promise((resolve) => bash.once('close', resolve));
    // With jobs as a terminal has them: a signal reaches all of one.
    bash.stdin?.write('set -m\n');
    bash.stdout?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  });
  afterAll(async () => {
    bash.stdin?.end('for pid in $(jobs -p); do kill -- -$pid; done; wait\n');
    await closed;
    bench.remove();
  });

  /** A text with the ports of this test. */
  function here(text: string): string {
    return text.replace(/\b87(?:8[789]|9[01])\b/g, (port) =>
      String(Number(port) - PRINTED + first),
    );
  }

  /** Runs a line, and returns what was said until it has ended, or is ready. */
  async function type(line: string): Promise<string> {
    const from = said.length;
    const runnable = here(line)
      .replaceAll(CONFIGURATION, join(bench.folder, 'gateway.yaml'))
      .replace('--gateways 0', `--gateways 0 --port ${first}`);
    const marker = `ended-${from}`;
    bash.stdin?.write(`${runnable}\necho "${marker} $?"\n`);
    const ready = READY.find((candidate) => candidate.line.test(line));
    await vi.waitFor(
      () => {
        const new_ = said.slice(from);
        expect(new_).toContain(`${marker} 0\n`);
        if (ready !== undefined) expect(new_.match(ready.shows)).toHaveLength(ready.times);
      },
      { timeout: LINE_MS_MAX, interval: 100 },
    );
    return said.slice(from).replace(`${marker} 0\n`, '');
  }

  test('takes at most ten commands', () => {
    expect(lines.length).toBeLessThanOrEqual(COMMANDS_MAX);
    expect(lines[0]).toBe('npm ci');
  });

  test('the commands do as is said', { timeout: 5 * LINE_MS_MAX }, async () => {
    const answers = new Map<string, string>();
    // Every run of the tests begins with the first one.
    for (const line of lines.slice(1)) answers.set(line, await type(line));
    const curls = [...answers].filter(([line]) => line.startsWith('curl '));
    const [patched, repeated, receipts] = curls.map(([, answer]) => answer);
    expect(patched).toMatch(/"lockScope":"global"[\s\S]*\n200/);
    expect(repeated).toMatch(/^idempotency-replayed: true/im);
    expect(repeated).toMatch(/\n200/);
    expect(receipts).toMatch(/^\{"receipts":\[\{[^\]]*"outcome":"applied"/m);
    bash.stdin?.end();
    // All that holds its output has ended.
    await closed;
    const ports = Array.from({ length: PORTS }, (_, i) => isFree(first + i));
    expect(await Promise.all(ports)).toEqual([true, true, true, true, true]);
  });
});
