import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSandboxSet, sandboxConfiguration } from '../../adapters/sandbox-kit/host.ts';
import { sandboxes as factories } from '../../adapters/sandboxes.ts';
import {
  askSteadily,
  type Caller,
  createCaller,
  median,
  quantile,
} from '../integration/limits/load.ts';
import { openUpstreams, type Upstreams } from '../integration/limits/open-upstreams.ts';
import { nermTarget } from '../support/profiles.ts';
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts';
import { createTraffic } from './traffic.ts';

export type Soak = {
  readonly perSecond: number;
  /** Median of the resident memory in each third of the time, in MiB. */
  readonly residentMib: readonly number[];
  readonly descriptors: { readonly before: number; readonly after: number };
  readonly problems: readonly string[];
};

/** Most growth of the last third over the second. */
const GROWTH_MAX = 1.05;
const SAMPLE_MS = 1_000;
const CAPACITY_MS = 5_000;
const CAPACITY_CALLERS = 32;
/** Each minute the weak target is gone for a while, besides the faults that it always has. */
const OUTAGE_EVERY_MS = 60_000;
const OUTAGE_MS = 5_000;
/** Connections to vendors are kept for a minute at most, where their servers ask for it. */
const QUIET_MS = 65_000;

/** Mixed traffic at half of what the gateway can serve, with faults, for `minutes`. */
export async function runSoak(minutes: number, say: (line: string) => void): Promise<Soak> {
  const folder = mkdtempSync(join(tmpdir(), 'soak-'));
  const upstreams = await openUpstreams();
  const file = join(folder, 'gateway.json');
  writeFileSync(file, JSON.stringify(configuration(upstreams)));
  const gateway = await startGatewayProcess(file);
  try {
    return await soak(gateway, upstreams, minutes * 60_000, say);
  } finally {
    await gateway.stop();
    upstreams.stop();
    rmSync(folder, { recursive: true });
  }
}

/** The demo of each vendor, and one that fails now and then. */
function configuration({ front, sandboxes }: Upstreams) {
  const demos = sandboxConfiguration(createSandboxSet(Date.now, factories), sandboxes).targets;
  const targets = Object.entries(demos ?? {}).map(([name, settings]) => [
    name.replace('-demo', ''),
    settings,
  ]);
  const weak = nermTarget({ timeoutMs: 500, limits: { circuitBreaker: { openMs: 1_000 } } })(front);
  const listen = { drainDelayMs: 0 };
  return { version: 1, listen, targets: { ...Object.fromEntries(targets), weak } };
}

async function soak(
  gateway: GatewayProcess,
  upstreams: Upstreams,
  durationMs: number,
  say: (line: string) => void,
): Promise<Soak> {
  const capacity = await capacityOf(gateway.origin);
  const perSecond = Math.max(1, Math.floor(capacity / 2));
  await sleep(QUIET_MS);
  const before = gateway.descriptors();
  say(
    `${Math.round(capacity)} requests/s at most, ${perSecond} from now on; ${before} descriptors`,
  );

  await upstreams.turn('mixed');
  const caller = createCaller(gateway.origin);
  const ends = createEnds();
  const next = createTraffic(Math.random);
  const stopTraffic = askSteadily(perSecond, async () => ends.add(await caller.ask(next())));
  const samples = await sampleFor(durationMs, gateway, upstreams, say, ends.told);
  await stopTraffic();
  caller.close();
  await sleep(QUIET_MS);
  const after = gateway.descriptors();

  const third = Math.floor(samples.length / 3);
  const residentMib = [0, 1, 2].map((n) => median(samples.slice(n * third, (n + 1) * third)));
  say(`${ends.told()}; ${after} descriptors`);
  say(`memory in thirds: ${residentMib.map((mib) => `${mib.toFixed(1)} MiB`).join(', ')}`);
  const [, second = 0, last = 0] = residentMib;
  const problems = [
    ...(last <= second * GROWTH_MAX ? [] : [`memory grew from ${second} to ${last} MiB`]),
    ...(after <= before ? [] : [`${after - before} descriptors are left`]),
    ...ends.problems(),
  ];
  return { perSecond, residentMib, descriptors: { before, after }, problems };
}

/** Memory each second, while the weak target comes and goes. */
async function sampleFor(
  durationMs: number,
  gateway: GatewayProcess,
  upstreams: Upstreams,
  say: (line: string) => void,
  told: () => string,
): Promise<number[]> {
  const samples: number[] = [];
  const startMs = Date.now();
  let isOut = false;
  for (let atMs = 0; atMs < durationMs; atMs = Date.now() - startMs) {
    const outNow = atMs % OUTAGE_EVERY_MS > OUTAGE_EVERY_MS - OUTAGE_MS;
    if (outNow !== isOut) {
      isOut = outNow;
      await upstreams.turn(isOut ? 'refuse' : 'mixed');
      const mib = gateway.residentMib().toFixed(1);
      if (!isOut) say(`${Math.round(atMs / 1000)} s: ${mib} MiB, ${told()}`);
    }
    samples.push(gateway.residentMib());
    await sleep(SAMPLE_MS);
  }
  if (isOut) await upstreams.turn('mixed');
  return samples;
}

/** Requests in a second that a few callers get answered, each asking again at once. */
async function capacityOf(origin: string): Promise<number> {
  const caller: Caller = createCaller(origin);
  const next = createTraffic(Math.random);
  const endMs = Date.now() + CAPACITY_MS;
  let answered = 0;
  const ask = async (): Promise<void> => {
    while (Date.now() < endMs) {
      await caller.ask(next());
      answered += 1;
    }
  };
  await Promise.all(Array.from({ length: CAPACITY_CALLERS }, ask));
  caller.close();
  return answered / (CAPACITY_MS / 1000);
}

type End = { readonly status: number; readonly code: string; readonly durationMs: number };

function createEnds() {
  const counts = new Map<string, number>();
  let durations: number[] = [];
  return {
    add: ({ code, durationMs, status }: End): void => {
      const name = `${status} ${code}`.trim();
      counts.set(name, (counts.get(name) ?? 0) + 1);
      durations.push(durationMs);
    },
    /** Counts so far, and the times since this was last asked. */
    told: (): string => {
      const [p50, p99] = [0.5, 0.99].map((share) => quantile(durations, share).toFixed(1));
      durations = [];
      const each = [...counts].sort().map(([name, count]) => `${name}: ${count}`);
      return `p50 ${p50} ms, p99 ${p99} ms; ${each.join(', ')}`;
    },
    /** Bugs, and answers that never came. */
    problems: (): string[] =>
      [...counts]
        .filter(([name]) => name.startsWith('0') || name.startsWith('500'))
        .map(([name, count]) => `${count} requests ended with ${name}`),
  };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
