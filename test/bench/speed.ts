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

/** Measures all subjects in turn, round by round, so that what slows the machine slows all. */
export async function measureSpeed(
  stage: Stage,
  { rounds, say, seconds }: SpeedOptions,
): Promise<Measured[]> {
  const prepared = await prepare(stage);
  for (const { load } of prepared) await runLoad({ ...load, seconds: WARM_UP_SECONDS });
  const figures = prepared.map((): Figures[] => []);
  for (let round = 1; round <= rounds; round += 1) {
    say(`round ${round} of ${rounds}`);
    for (const [i, one] of prepared.entries()) figures[i]?.push(await measure(one, seconds));
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

async function prepare(stage: Stage): Promise<Prepared[]> {
  const { origin } = stage.upstream;
  const small = await stage.gateway(writeSmallConfiguration(stage.folder, origin));
  const large = await stage.gateway(writeLargeConfiguration(stage.folder, origin));
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
    prepared.push({
      ...{ subject: 'gateway', scenario, connections, process: small },
      load: ask(small.origin, path, connections),
    });
    if (upstreamCalls > 1) continue;
    for (const subject of PEERS) {
      const process = await stage.peer(subject, scenario);
      const load = ask(process.origin, `/profiles/${UPSTREAM_ID}`, connections);
      prepared.push({ subject, scenario, connections, process, load });
    }
    if (scenario !== 'naver') continue;
    prepared.push(
      {
        ...{ subject: 'gateway, large', scenario, connections, process: large },
        load: ask(large.origin, `/profiles/${LINKED_ID}`, connections),
      },
      {
        ...{ subject: 'gateway', scenario, connections: 1, process: small },
        load: ask(small.origin, path, 1),
      },
      {
        ...{ subject: 'direct', scenario, connections: 1, process: undefined },
        load: ask(origin, `/naver/api/v1/profiles/${UPSTREAM_ID}`, 1),
      },
    );
  }
  return prepared;
}
