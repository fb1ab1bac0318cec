import { waitUntil } from 'cloudflare:workers';
import { adapters } from '../../adapters/index.ts';
import { version } from '../../package.json';
import { createApp } from '../http/app.ts';
import type { Process } from '../http/routes/admin.ts';
import type { Ports } from '../ports.ts';
import { sleep, systemClock } from '../state/clock.ts';
import { jsonLines, readLogLevel } from '../telemetry/log.ts';
import { passTracesOn } from '../telemetry/tracing.ts';
import { type Environment, stateHashKey, textBinding } from './bindings.ts';
import { createFetchSend } from './fetch-client.ts';
import { digests, lastRejectedReload, loadGateway, outward } from './load-config.ts';

/** Longest answer to a caller on Workers: an invocation without its caller is cut at 30 s. */
export const WORKER_DEADLINE_MS = 25_000;

export type ServeRequest = (request: Request) => Promise<Response>;

const log = jsonLines(Date.now, (line) => console.log(line));

/** Creates the ports of an isolate, or of an object, which has its own part of them. */
export function createPorts(
  environment: Environment,
  writing: Pick<Ports, 'state' | 'handOver' | 'isBehindFront'>,
): Ports {
  return {
    ...writing,
    send: createFetchSend(outward(environment), `profile-gateway/${version}`),
    ...systemClock,
    waitUntil,
    random: Math.random,
    sleep,
    digests,
    cursorKey: stateHashKey(environment),
    log,
    logLevel: readLogLevel(textBinding(environment, 'LOG_LEVEL')),
    tracer: passTracesOn(Math.random),
    deadlineMs: WORKER_DEADLINE_MS,
  };
}

/** Answers requests over an app of its own; each request keeps the configuration it began with. */
export function createServer(
  environment: Environment,
  ports: Ports,
  part: Pick<Process, 'records' | 'isKeptByProfile'>,
): ServeRequest {
  const app = createApp({
    adapters,
    ports,
    gateway: () => currentGateway(environment),
    process: { refused: lastRejectedReload, reach: 'isolate', ...part },
  });
  return async (request) => app.fetch(request);
}

/** Returns the configuration in force; undefined while there is none. */
export function currentGateway(environment: Environment): ReturnType<typeof loadGateway> {
  return loadGateway(environment, log);
}
