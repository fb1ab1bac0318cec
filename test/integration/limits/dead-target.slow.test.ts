import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SEEDED_IDS } from '../../../adapters/nerm/sandbox/seeds.ts';
import { type GatewayProcess, startGatewayProcess } from '../../soak/gateway-process.ts';
import { count } from '../../support/counts.ts';
import { nermTarget } from '../../support/profiles.ts';
import type { Mode } from './front.ts';
import { askSteadily, type Caller, createCaller, median, quantile } from './load.ts';
import { openUpstreams, type Upstreams } from './open-upstreams.ts';

const RUNS = 5;
/** Where a busy machine makes ratios scatter more are made, and the median of all of them counts. */
const RUNS_MAX = 15;
const PHASE_MS = count(1_200, 4_000);
const OTHERS_PER_SECOND = 150;
const WEAK_PER_SECOND = 50;
const RATIO_MAX = 1.2;

const ID = SEEDED_IDS.plain;
const LIMITS = { circuitBreaker: { minimumRequests: 5, windowMs: 1_000, openMs: 1_000 } };

/**
 * A gateway with a target that is always well and one that can be broken. Two of them get the same
 * traffic at the same time, and the weak target of one of them is dead, in turns: so whatever else
 * this machine does meanwhile slows both alike.
 */
type Twin = {
  readonly gateway: GatewayProcess;
  readonly upstreams: Upstreams;
  readonly caller: Caller;
  /** How its weak target answered. */
  readonly weak: Map<string, number>;
};

let folder: string;
let twins: Twin[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'dead-target-'));
  twins = [await startTwin('one'), await startTwin('other')];
}, 30_000);

afterAll(async () => {
  for (const { caller, gateway, upstreams } of twins) {
    caller.close();
    await gateway.stop();
    upstreams.stop();
  }
  rmSync(folder, { recursive: true });
});

async function startTwin(name: string): Promise<Twin> {
  const upstreams = await openUpstreams();
  const strong = nermTarget()(upstreams.sandboxes);
  const weak = nermTarget({ timeoutMs: 300, limits: LIMITS })(upstreams.front);
  const file = join(folder, `${name}.json`);
  const listen = { drainDelayMs: 0 };
  writeFileSync(file, JSON.stringify({ version: 1, listen, targets: { strong, weak } }));
  const gateway = await startGatewayProcess(file);
  return { gateway, upstreams, caller: createCaller(gateway.origin), weak: new Map() };
}

async function until(state: string, { caller }: Twin): Promise<void> {
  const path = `/profiles/weak:${ID}/explain`;
  const body = '{"status":"active"}';
  const endMs = Date.now() + 10_000;
  for (;;) {
    const { text } = await caller.ask({ method: 'POST', path, body });
    const told = /"circuitBreaker":"([\w-]+)"/.exec(text)?.[1];
    if (told === state) return;
    if (Date.now() > endMs) throw new Error(`the breaker is ${told ?? text}, not ${state}`);
    await sleep(50);
  }
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function askWeak({ caller, weak }: Twin): Promise<void> {
  const { code, status } = await caller.ask({ method: 'GET', path: `/profiles/weak:${ID}` });
  const name = `${status} ${code}`.trim();
  weak.set(name, (weak.get(name) ?? 0) + 1);
}

type Seen = { readonly durations: number[]; cpuMs: number };

/** Reads and writes at the strong targets for a while; how long each of them took. */
async function watch(sides: readonly (readonly [Twin, Seen])[]): Promise<void> {
  const failed: string[] = [];
  let count = 0;
  const ask = async ({ caller }: Twin, { durations }: Seen): Promise<void> => {
    const path = `/profiles/strong:${ID}`;
    const body = JSON.stringify({ attributes: { cost_centre: String(count) } });
    const answer = await caller.ask(
      count % 10 === 0 ? { method: 'PATCH', path, body } : { method: 'GET', path },
    );
    durations.push(answer.durationMs);
    if (answer.status !== 200) failed.push(answer.text);
  };
  for (const [{ gateway }, seen] of sides) seen.cpuMs -= gateway.cpuMs();
  const stop = askSteadily(OTHERS_PER_SECOND, () => {
    count += 1;
    // Whoever is asked first waits a little less for this process.
    const order = count % 2 === 0 ? sides : [...sides].reverse();
    return Promise.all(order.map(([twin, seen]) => ask(twin, seen)));
  });
  await sleep(PHASE_MS);
  await stop();
  for (const [{ gateway }, seen] of sides) seen.cpuMs += gateway.cpuMs();
  expect(failed).toEqual([]);
}

/** One run: first the one is dead and then the other. */
async function run(way: Mode | 'refuse') {
  const well: Seen = { durations: [], cpuMs: 0 };
  const dead: Seen = { durations: [], cpuMs: 0 };
  for (const [broken, whole] of [twins, [...twins].reverse()]) {
    if (broken === undefined || whole === undefined) throw new Error('there are no twins');
    await broken.upstreams.turn(way);
    try {
      await watch([
        [broken, dead],
        [whole, well],
      ]);
      await until('open', broken);
    } finally {
      await broken.upstreams.turn('serve');
    }
    await until('closed', broken);
    await until('closed', whole);
  }
  return {
    p99: [quantile(well.durations, 0.99), quantile(dead.durations, 0.99)],
    ratio: quantile(dead.durations, 0.99) / quantile(well.durations, 0.99),
    cpuRatio: dead.cpuMs / well.cpuMs,
  };
}

it.each<Mode | 'refuse'>(['hang', 'refuse', 'fail'])(
  'a target that does %s leaves the others as fast as they are',
  { timeout: 300_000 },
  async (way) => {
    const stops = twins.map((twin) => askSteadily(WEAK_PER_SECOND, () => askWeak(twin)));
    const runs: Awaited<ReturnType<typeof run>>[] = [];
    const ratioOf = (): number => median(runs.map((one) => one.ratio));
    while (runs.length < RUNS || (ratioOf() > RATIO_MAX && runs.length < RUNS_MAX)) {
      runs.push(await run(way));
    }
    await Promise.all(stops.map((stop) => stop()));
    const ratio = ratioOf();
    const cpuRatio = median(runs.map((one) => one.cpuRatio));
    const told = runs.map(({ p99 }) => p99.map((ms) => ms.toFixed(1)).join(' to '));
    process.stdout.write(
      `${way}: p99 ${told.join(', ')} ms; ratio ${ratio.toFixed(2)}, ` +
        `of processor time ${cpuRatio.toFixed(2)}\n`,
    );
    expect(ratio).toBeLessThanOrEqual(RATIO_MAX);
    // What a storm of repeats would cost the whole machine, and so hide in the times.
    expect(cpuRatio).toBeLessThanOrEqual(RATIO_MAX);
    for (const { weak } of twins) expect(weak.get('503 target_unavailable')).toBeGreaterThan(50);
  },
);
