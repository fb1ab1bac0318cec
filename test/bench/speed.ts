import type { Figures } from './figures.ts';
import { type Load, runLoad } from './load.ts';
import type { Subject } from './process.ts';
import {
  CALLER_KEY,
  callerId,
  LINKED_ID,
  SCENARIOS,
  type Scenario,
  UPSTREAM_ID,
  writeLargeConfiguration,
  writeSmallConfiguration,
} from './scenarios.ts';
import { PEERS, type Stage } from './stage.ts';

/** One thing that is measured in each round. */
export type Measurement = {
  readonly subject: 'gateway' | 'gateway, large' | 'direct' | (typeof PEERS)[number];
  readonly scenario: Scenario['name'];
  readonly connections: number;
};

export type Measured = Measurement & { readonly rounds: readonly Figures[] };

export type SpeedOptions = {
  readonly rounds: number;
  readonly seconds: number;
  readonly say: (line: string) => void;
};

type Prepared = Measurement & {
  readonly load: Omit<Load, 'seconds'>;
  /** The process whose time is counted; none where the vendor is asked directly. */
  readonly process: Subject | undefined;
};

export const MANY_CALLERS = 32;
const WARM_UP_SECONDS = 3;
/** Processes of the same program differ by 8 %: after so many rounds all are started anew. */
const ROUNDS_OF_A_PROCESS = 3;

/**
 * Measures all subjects in turn, round by round, so that what slows the machine slows all. Each is
 * a process that is asked for one scenario only, the gateway as the others.
 */
export async function measureSpeed(
  stage: Stage,
  { rounds, say, seconds }: SpeedOptions,
): Promise<Measured[]> {
  const { folder, upstream } = stage;
  const small = writeSmallConfiguration(folder, upstream.origin);
  const large = writeLargeConfiguration(folder, upstream.origin);
  const figures: Figures[][] = [];
  let prepared: Prepared[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    if (round % ROUNDS_OF_A_PROCESS === 1) {
      for (const { process } of prepared) await process?.stop();
      prepared = await prepare(stage, small, large);
      for (const { load } of prepared) await runLoad({ ...load, seconds: WARM_UP_SECONDS });
    }
    say(`round ${round} of ${rounds}`);
    for (const [i, one] of prepared.entries()) {
      figures[i] = [...(figures[i] ?? []), await measure(one, seconds)];
    }
  }
  return prepared.map(({ connections, scenario, subject }, i) => ({
    connections,
    scenario,
    subject,
    rounds: figures[i] ?? [],
  }));
}

async function measure({ load, process }: Prepared, seconds: number): Promise<Figures> {
  const beforeMs = process?.cpuMs() ?? 0;
  const { durationMs, p50Ms, p99Ms, requests } = await runLoad({ ...load, seconds });
  const cpuMs = (process?.cpuMs() ?? 0) - beforeMs;
  return {
    perSecond: (requests / durationMs) * 1_000,
    cpuMicroseconds: (cpuMs / requests) * 1_000,
    p50Ms,
    p99Ms,
  };
}

/** Starts every subject, the gateway by a `small` configuration and once by a `large` one. */
async function prepare(stage: Stage, small: string, large: string): Promise<Prepared[]> {
  const { origin } = stage.upstream;
  const prepared: Prepared[] = [];
  for (const { body, name: scenario, upstreamCalls } of SCENARIOS) {
    const ask = (at: string, path: string, connections: number): Prepared['load'] => ({
      origin: at,
      path,
      body: JSON.stringify(body),
      key: CALLER_KEY,
      connections,
    });
    const path = `/profiles/${callerId(scenario)}`;
    const connections = MANY_CALLERS;
    const gateway = await stage.gateway(small);
    prepared.push({
      ...{ subject: 'gateway', scenario, connections, process: gateway },
      load: ask(gateway.origin, path, connections),
    });
    if (upstreamCalls > 1) continue;
    for (const subject of PEERS) {
      const process = await stage.peer(subject, scenario);
      const load = ask(process.origin, `/profiles/${UPSTREAM_ID}`, connections);
      prepared.push({ subject, scenario, connections, process, load });
    }
    if (scenario !== 'naver') continue;
    const full = await stage.gateway(large);
    prepared.push(
      {
        ...{ subject: 'gateway, large', scenario, connections, process: full },
        load: ask(full.origin, `/profiles/${LINKED_ID}`, connections),
      },
      {
        ...{ subject: 'gateway', scenario, connections: 1, process: gateway },
        load: ask(gateway.origin, path, 1),
      },
      {
        ...{ subject: 'direct', scenario, connections: 1, process: undefined },
        load: ask(origin, `/naver/api/v1/profiles/${UPSTREAM_ID}`, 1),
      },
    );
  }
  return prepared;
}
