import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { startPostgres } from '../state/postgres-server.ts';
import { usageOf } from '../support/process-usage.ts';
import { obstacles } from './cores.ts';
import { runLoad } from './load.ts';
import { CALLER_KEY, callerId, SCENARIOS, writeSmallConfiguration } from './scenarios.ts';
import { setStage } from './stage.ts';

/**
 * `npm run bench:state`: what a write costs with each kind of state, measured in turn in one run.
 * The gateway has a core for itself; vendor, callers and database share the other.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    connections: { type: 'string', default: '1,32,128' },
  },
});
const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
const found = obstacles();
if (found.length > 0) {
  process.stderr.write(`${found.join('\n')}\n`);
  process.exit(1);
}

/** After so long a process is as fast as it gets. */
const WARM_UP_SECONDS = 3;
const HASH_KEY = 'a-bench-hash-key-of-some-length';

type Row = { perSecond: number; cpuUs: number; databaseUs: number; p50Ms: number };

const stage = await setStage();
const server = await startPostgres();
const states: readonly [string, JsonObject | undefined][] = [
  ['memory', undefined],
  ['file, process', { file: './process.db', durability: 'process' }],
  ['file, power', { file: './power.db', durability: 'power' }],
  ['url, power', { url: server.url(), hashKey: HASH_KEY }],
];
const rows = new Map<string, Row[]>();
try {
  for (let round = 1; round <= rounds; round += 1) {
    for (const connections of values.connections.split(',').map(Number)) {
      for (const [name, state] of states) {
        const key = `${name} | ${connections}`;
        const measured = await measure(name, state, connections);
        rows.set(key, [...(rows.get(key) ?? []), measured]);
        process.stdout.write(`round ${round}: ${key}: ${JSON.stringify(measured)}\n`);
      }
    }
  }
} finally {
  await stage.stop();
  server.remove();
}
process.stdout.write(`\n${table()}\n`);

async function measure(
  name: string,
  state: JsonObject | undefined,
  connections: number,
): Promise<Row> {
  const { body, name: vendor } = SCENARIOS[0] ?? { body: {}, name: '' };
  const gateway = await stage.gateway(configuration(name, state));
  const load = {
    origin: gateway.origin,
    path: `/profiles/${callerId(vendor)}`,
    body: JSON.stringify(body),
    key: CALLER_KEY,
    connections,
  };
  await runLoad({ ...load, seconds: WARM_UP_SECONDS });
  const [beforeMs, databaseBeforeMs] = [gateway.cpuMs(), databaseCpuMs()];
  const { durationMs, p50Ms, requests } = await runLoad({ ...load, seconds });
  const cpuUs = ((gateway.cpuMs() - beforeMs) / requests) * 1_000;
  const databaseUs = ((databaseCpuMs() - databaseBeforeMs) / requests) * 1_000;
  await gateway.stop();
  return { perSecond: (requests / durationMs) * 1_000, cpuUs, databaseUs, p50Ms };
}

/** The small configuration with a state, and with enough connections for all callers. */
function configuration(name: string, state: JsonObject | undefined): string {
  const document = JSON.parse(
    readFileSync(writeSmallConfiguration(stage.folder, stage.upstream.origin), 'utf8'),
  );
  document.targets.naver.limits = { maxConcurrentRequests: 256 };
  const file = join(stage.folder, `${name.replaceAll(/\W+/g, '-')}.json`);
  writeFileSync(file, JSON.stringify(state === undefined ? document : { ...document, state }));
  return file;
}

/** Processor time of all processes of the database that run now. */
function databaseCpuMs(): number {
  return server.pids().reduce((sum, pid) => sum + cpuMsOf(pid), 0);
}

/** A process of the database may have ended meanwhile. */
function cpuMsOf(pid: number): number {
  try {
    return usageOf(pid).cpuMs();
  } catch {
    return 0;
  }
}

function table(): string {
  const lines = [...rows].map(([key, measured]) => {
    const of = (name: keyof Row): string => median(measured.map((row) => row[name])).toFixed(2);
    return `| ${key} | ${of('perSecond')} | ${of('p50Ms')} | ${of('cpuUs')} | ${of('databaseUs')} |`;
  });
  const head = '| state | callers | writes/s | p50 ms | gateway CPU µs | database CPU µs |';
  return [head, '| --- | ---: | ---: | ---: | ---: | ---: |', ...lines].join('\n');
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
