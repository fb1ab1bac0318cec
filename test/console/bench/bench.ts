import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { OTHERS_CORE, obstacles, pinned } from '../../bench/cores.ts';
import type { Subject } from '../../bench/process.ts';
import { CALLER_KEY, callerId, SCENARIOS, writeSmallConfiguration } from '../../bench/scenarios.ts';
import { setStage } from '../../bench/stage.ts';

/**
 * `npm run bench:console`: processor time of a patch at 1,000 patches per second, without and with
 * open live streams, in turn on one gateway. Streams and callers are processes of their own, on the
 * core of the others.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '6' },
    streams: { type: 'string', default: '10' },
    rate: { type: 'string', default: '1000' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const found = obstacles();
if (found.length > 0) {
  process.stderr.write(`${found.join('\n')}\n`);
  process.exit(1);
}

const WATCHER_KEY = 'bench-watcher-key-0123456789abcdef';
const PERCENT_MAX = 5;

function child(name: string, args: readonly string[]): ChildProcess {
  const script = fileURLToPath(new URL(name, import.meta.url));
  const [command, all] = pinned(OTHERS_CORE, process.execPath, [script, ...args]);
  return spawn(command, all, { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** Resolves with the first line that a process writes. */
async function lineOf({ stdout }: ChildProcess): Promise<string> {
  let said = '';
  for await (const piece of stdout ?? []) {
    said += String(piece);
    if (said.includes('\n')) break;
  }
  return said.trim();
}

/** Sends patches for a while; resolves with the processor time of the gateway for one, in µs. */
async function costOfPatch({ cpuMs, origin }: Subject): Promise<number> {
  const [{ body, name } = { body: {}, name: '' }] = SCENARIOS;
  const path = `/profiles/${callerId(name)}`;
  const args = [origin, path, JSON.stringify(body), CALLER_KEY, values.rate, `${seconds}`];
  const beforeMs = cpuMs();
  const { requests } = JSON.parse(await lineOf(child('paced-patches.ts', args)));
  return ((cpuMs() - beforeMs) * 1_000) / requests;
}

async function withStreams(gateway: Subject): Promise<number> {
  const streams = child('streams.ts', [gateway.origin, WATCHER_KEY, values.streams]);
  const ended = once(streams, 'exit');
  await lineOf(streams);
  const cost = await costOfPatch(gateway);
  streams.kill();
  await ended;
  return cost;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

const stage = await setStage();
try {
  const file = writeSmallConfiguration(stage.folder, stage.upstream.origin);
  const document = JSON.parse(readFileSync(file, 'utf8'));
  document.callers.watcher = { key: WATCHER_KEY, scopes: ['admin:read'] };
  const own = join(stage.folder, 'console.json');
  writeFileSync(own, JSON.stringify(document));
  const gateway = await stage.gateway(own);
  await costOfPatch(gateway);
  const costs: { without: number; with: number }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    const isFirst = round % 2 === 0;
    const before = isFirst ? await withStreams(gateway) : await costOfPatch(gateway);
    const after = isFirst ? await costOfPatch(gateway) : await withStreams(gateway);
    const cost = isFirst ? { without: after, with: before } : { without: before, with: after };
    costs.push(cost);
    process.stdout.write(`round ${round}: ${JSON.stringify(cost)}\n`);
  }
  const [without, open] = [
    median(costs.map((cost) => cost.without)),
    median(costs.map((cost) => cost.with)),
  ];
  const percent = (open / without - 1) * 100;
  process.stdout.write(
    `\n${values.streams} streams, ${values.rate} patches/s: ${without.toFixed(1)} µs without, ` +
      `${open.toFixed(1)} µs with them (${percent.toFixed(1)} %; at most ${PERCENT_MAX} %)\n`,
  );
  if (!(percent <= PERCENT_MAX)) process.exitCode = 1;
} finally {
  await stage.stop();
}
