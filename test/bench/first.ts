import { setTimeout as delay } from 'node:timers/promises';
import { type Load, runLoad } from './load.ts';
import type { Subject } from './process.ts';
import {
  CALLER_KEY,
  callerId,
  SCENARIOS,
  UPSTREAM_ID,
  writeSmallConfiguration,
} from './scenarios.ts';
import { MANY_CALLERS, WARM_UP_SECONDS } from './speed.ts';
import type { Stage } from './stage.ts';

/** Microseconds of CPU for a request, by round. */
export type FirstCosts = {
  readonly gateway: readonly number[];
  readonly fastify: readonly number[];
};
export type RestCosts = {
  /** A process that is warm. */
  readonly steady: readonly number[];
  /** The same in its first second after a minute without requests. */
  readonly after: readonly number[];
};

export const FIRST_REQUESTS = 10_000;
/** More than they take, which wrk waits for at its end. */
const FIRST_SECONDS = 5;
const REST_MS = 60_000;
const STEADY_SECONDS = 3;
/** Processes that rest at once. */
const RESTING_MAX = 3;

const [NAVER] = SCENARIOS;

/** Measures what the first requests of a new process cost, the start itself not counted. */
export async function measureFirst(stage: Stage, rounds: number): Promise<FirstCosts> {
  const file = writeSmallConfiguration(stage.folder, stage.upstream.origin);
  const costs = { gateway: [] as number[], fastify: [] as number[] };
  const first = { seconds: FIRST_SECONDS, requestsMax: FIRST_REQUESTS };
  for (let round = 0; round < rounds; round += 1) {
    const gateway = await stage.gateway(file);
    costs.gateway.push(await cpuOf(gateway, callerId('naver'), first));
    await gateway.stop();
    const fastify = await stage.peer('fastify', 'naver');
    costs.fastify.push(await cpuOf(fastify, UPSTREAM_ID, first));
    await fastify.stop();
  }
  return costs;
}

/** Measures what requests cost before and after a minute in which nobody asks. */
export async function measureRest(stage: Stage, rounds: number): Promise<RestCosts> {
  const file = writeSmallConfiguration(stage.folder, stage.upstream.origin);
  const costs = { steady: [] as number[], after: [] as number[] };
  const count = Math.min(rounds, RESTING_MAX);
  const resting: { readonly gateway: Subject; readonly untilMs: number }[] = [];
  for (let i = 0; i < count; i += 1) {
    const gateway = await stage.gateway(file);
    await cpuOf(gateway, callerId('naver'), { seconds: WARM_UP_SECONDS });
    costs.steady.push(await cpuOf(gateway, callerId('naver'), { seconds: STEADY_SECONDS }));
    resting.push({ gateway, untilMs: performance.now() + REST_MS });
  }
  for (const { gateway, untilMs } of resting) {
    await delay(Math.max(0, untilMs - performance.now()));
    costs.after.push(await cpuOf(gateway, callerId('naver'), { seconds: 1 }));
    await gateway.stop();
  }
  return costs;
}

/** Microseconds of CPU for each request of a load. */
async function cpuOf(
  { cpuMs, origin }: Subject,
  id: string,
  length: Pick<Load, 'seconds' | 'requestsMax'>,
): Promise<number> {
  const beforeMs = cpuMs();
  const { requests } = await runLoad({
    origin,
    path: `/profiles/${id}`,
    body: JSON.stringify(NAVER?.body),
    key: CALLER_KEY,
    connections: MANY_CALLERS,
    ...length,
  });
  return ((cpuMs() - beforeMs) / requests) * 1_000;
}
