import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { startPostgres } from '../state/postgres-server.ts';
import { usageOf } from '../support/process-usage.ts';
import { coresFor, OTHERS_CORE, obstacles } from './cores.ts';
import { runLoad } from './load.ts';
import { CALLER_KEY, callerId, SCENARIOS, writeSmallConfiguration } from './scenarios.ts';
import { setStage } from './stage.ts';

/**
 * `npm run bench:workers`: writes per second, and what one costs, of one process and of several workers, on the same
 * state, measured in turn in one run. Vendor, callers and database share one core, and with two
 * cores only a part of the workers has to share it too.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '32,128' },
    workers: { type: 'string', default: '1,2' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const found = obstacles();
if (found.length > 0) {
  process.stderr.write(`${found.join('\n')}\n`);
  process.exit(1);
}

const WARM_UP_SECONDS = 3;
const stage = await setStage();
const server = await startPostgres();
const states: readonly [string, JsonObject][] = [
  ['file, process', { file: './process.db', durability: 'process' }],
  ['url, power', { url: server.url(), hashKey: 'a-bench-hash-key-of-some-length' }],
];
type Row = { perSecond: number; cpuUs: number };
const rows = new Map<string, Row[]>();
try {
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, state] of states) {
      for (const connections of values.connections.split(',').map(Number)) {
        for (const workers of values.workers.split(',').map(Number)) {
          const key = `${name} | ${connections} | ${workers}`;
          const measured = await measure(name, state, connections, workers);
          rows.set(key, [...(rows.get(key) ?? []), measured]);
          process.stdout.write(`round ${round}: ${key}: ${JSON.stringify(measured)}\n`);
        }
      }
    }
  }
} finally {
  await stage.stop();
  server.remove();
}
const lines = [...rows].map(([key, measured]) => {
  const [speeds, costs] = [measured.map((row) => row.perSecond), measured.map((row) => row.cpuUs)];
  const spread = `${Math.min(...speeds).toFixed(0)} to ${Math.max(...speeds).toFixed(0)}`;
  return `| ${key} | ${median(speeds).toFixed(0)} (${spread}) | ${median(costs).toFixed(0)} |`;
});
process.stdout.write(`
${availableParallelism()} cores: two workers on ${coresFor(2)}, all else on ${OTHERS_CORE}

| state | callers | workers | writes/s | gateway CPU µs |
| --- | ---: | ---: | ---: | ---: |
${lines.join('\n')}
`);

async function measure(
  name: string,
  state: JsonObject,
  connections: number,
  workers: number,
): Promise<Row> {
  const { body, name: vendor } = SCENARIOS[0] ?? { body: {}, name: '' };
  const gateway = await stage.gateway(configuration(name, state), workers);
  const load = {
    origin: gateway.origin,
    path: `/profiles/${callerId(vendor)}`,
    body: JSON.stringify(body),
    key: CALLER_KEY,
    connections,
  };
  await runLoad({ ...load, seconds: WARM_UP_SECONDS });
  const beforeMs = cpuMsOfAll(gateway.pid);
  const { durationMs, requests } = await runLoad({ ...load, seconds });
  const cpuUs = ((cpuMsOfAll(gateway.pid) - beforeMs) / requests) * 1_000;
  await gateway.stop();
  return { perSecond: (requests / durationMs) * 1_000, cpuUs };
}

/** Processor time of a process and of its workers. */
function cpuMsOfAll(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
  const pids = [pid, ...children.filter((child) => child !== '').map(Number)];
  return pids.reduce((sum, one) => sum + usageOf(one).cpuMs(), 0);
}

/** The small configuration with a state, and with enough connections for all callers. */
function configuration(name: string, state: JsonObject): string {
  const small = writeSmallConfiguration(stage.folder, stage.upstream.origin);
  const document = JSON.parse(readFileSync(small, 'utf8'));
  document.targets.naver.limits = { maxConcurrentRequests: 256 };
  const file = join(stage.folder, `${name.replaceAll(/\W+/g, '-')}.json`);
  writeFileSync(file, JSON.stringify({ ...document, state }));
  return file;
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
