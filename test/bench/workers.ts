import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { JsonObject } from '../../src/adapter-kit/index.ts';
import { startPostgres } from '../state/postgres-server.ts';
import { coresFor, OTHERS_CORE, obstacles } from './cores.ts';
import { runLoad } from './load.ts';
import { CALLER_KEY, callerId, SCENARIOS, writeSmallConfiguration } from './scenarios.ts';
import { setStage } from './stage.ts';

/**
 * `npm run bench:workers`: writes per second of one process and of several workers, on the same
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
const perSecond = new Map<string, number[]>();
try {
  for (let round = 1; round <= rounds; round += 1) {
    for (const [name, state] of states) {
      for (const connections of values.connections.split(',').map(Number)) {
        for (const workers of values.workers.split(',').map(Number)) {
          const key = `${name} | ${connections} | ${workers}`;
          const measured = await measure(name, state, connections, workers);
          perSecond.set(key, [...(perSecond.get(key) ?? []), measured]);
          process.stdout.write(`round ${round}: ${key}: ${measured.toFixed(0)}\n`);
        }
      }
    }
  }
} finally {
  await stage.stop();
  server.remove();
}
const rows = [...perSecond].map(([key, all]) => {
  const sorted = all.toSorted((a, b) => a - b);
  const [least, most] = [sorted[0] ?? 0, sorted.at(-1) ?? 0];
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return `| ${key} | ${median.toFixed(0)} (${least.toFixed(0)} to ${most.toFixed(0)}) |`;
});
process.stdout.write(`
${availableParallelism()} cores: two workers on ${coresFor(2)}, all else on ${OTHERS_CORE}

| state | callers | workers | writes/s |
| --- | ---: | ---: | ---: |
${rows.join('\n')}
`);

async function measure(
  name: string,
  state: JsonObject,
  connections: number,
  workers: number,
): Promise<number> {
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
  const { durationMs, requests } = await runLoad({ ...load, seconds });
  await gateway.stop();
  return (requests / durationMs) * 1_000;
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
