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
import { PEERS, patchTypeOf, type Stage } from './stage.ts';

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

/** What is measured, and how its process is started; none where the vendor is asked directly. */
type Prepared = Measurement & {
  readonly start: (() => Promise<Subject>) | undefined;
  /** Where it is asked; a process tells its own origin. */
  readonly load: Omit<Load, 'seconds'>;
};

export const MANY_CALLERS = 32;
/** After four seconds a process is as fast as it gets. */
export const WARM_UP_SECONDS = 5;

/**
 * Measures all subjects in turn, round by round, so that what slows the machine slows all. Each
 * time the subject is a new process, since two of the same program differ by 8 %, and is measured
 * at once when it is warm, since code that was idle meanwhile is slow again for a second.
 */
export async function measureSpeed(
  stage: Stage,
  { rounds, say, seconds }: SpeedOptions,
): Promise<Measured[]> {
  const prepared = prepare(stage);
  const figures: Figures[][] = prepared.map(() => []);
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

async function measure({ load, start }: Prepared, seconds: number): Promise<Figures> {
  const process = await start?.();
  const asked = { ...load, origin: process?.origin ?? load.origin };
  if (process !== undefined) await runLoad({ ...asked, seconds: WARM_UP_SECONDS });
  const beforeMs = process?.cpuMs() ?? 0;
  const { durationMs, p50Ms, p99Ms, requests } = await runLoad({ ...asked, seconds });
  const cpuMs = (process?.cpuMs() ?? 0) - beforeMs;
  await process?.stop();
  return {
    perSecond: (requests / durationMs) * 1_000,
    cpuMicroseconds: (cpuMs / requests) * 1_000,
    p50Ms,
    p99Ms,
  };
}

/** Every subject, the gateway by a small configuration and once by a large one. */
function prepare({ folder, gateway, peer, upstream: { origin } }: Stage): Prepared[] {
  const small = writeSmallConfiguration(folder, origin);
  const large = writeLargeConfiguration(folder, origin);
  const connections = MANY_CALLERS;
  return SCENARIOS.flatMap(({ body, name: scenario, upstreamCalls }): Prepared[] => {
    const ask = (path: string): Prepared['load'] => ({
      origin,
      path,
      body: JSON.stringify(body),
      key: CALLER_KEY,
      connections,
    });
    const start = () => gateway(small);
    const load = ask(`/profiles/${callerId(scenario)}`);
    const own: Prepared = { subject: 'gateway', scenario, connections, start, load };
    if (upstreamCalls > 1) return [own];
    const peers = PEERS.map(
      (subject): Prepared => ({
        ...{ subject, scenario, connections, start: () => peer(subject, scenario) },
        load: { ...ask(`/profiles/${UPSTREAM_ID}`), type: patchTypeOf(subject) },
      }),
    );
    if (scenario !== 'naver') return [own, ...peers];
    const byLink = ask(`/profiles/${LINKED_ID}`);
    const direct = ask(`/naver/api/v1/profiles/${UPSTREAM_ID}`);
    return [
      own,
      ...peers,
      { ...own, subject: 'gateway, large', start: () => gateway(large), load: byLink },
      alone(own),
      alone({ subject: 'direct', scenario, connections, start: undefined, load: direct }),
    ];
  });
}

/** The same, asked by one caller at a time. */
function alone({ load, ...measured }: Prepared): Prepared {
  return { ...measured, connections: 1, load: { ...load, connections: 1 } };
}
