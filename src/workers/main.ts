import { DurableObject } from 'cloudflare:workers';
import { adapters } from '../../adapters/index.ts';
import { createApp } from '../http/app.ts';
import { createProcessLock } from '../state/profile-lock.ts';
import { jsonLines, readLogLevel } from '../telemetry/log.ts';
import type { Ports } from '../ports.ts';
import { createFetchSend } from './fetch-client.ts';
import { passTracesOn } from '../telemetry/tracing.ts';
import { createStoredDoubts } from './in-doubt-storage.ts';
import { type Environment, textBinding } from './bindings.ts';
import { digests, loadGateway, outward, refusedReload } from './load-config.ts';

/** Longest answer to a caller on Workers: an invocation without its caller is cut at 30 s. */
const WORKER_DEADLINE_MS = 25_000;

type Serve = (request: Request) => Promise<Response>;

const log = jsonLines(Date.now, (line) => console.log(line));

/** Answers requests over an app of its own; each request keeps the configuration it began with. */
function createServer(
  environment: Environment,
  writing: Pick<Ports, 'withLock' | 'doubts' | 'handOver' | 'isBehindFront'>,
): Serve {
  const ports: Ports = {
    ...writing,
    send: createFetchSend(outward(environment)),
    now: Date.now,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    digests,
    serialized: 'shared',
    log,
    logLevel: readLogLevel(textBinding(environment, 'LOG_LEVEL')),
    tracer: passTracesOn(Math.random),
    deadlineMs: WORKER_DEADLINE_MS,
  };
  const app = createApp({
    adapters,
    ports,
    gateway: () => loadGateway(environment, log),
    process: { refused: refusedReload },
  });
  return async (request) => app.fetch(request);
}

/**
 * The one writer of a profile. The whole exchange with the vendor runs here, so that no lock
 * outlives its holder. It locks no other profile: while a new configuration spreads, the isolate
 * that chose this object may have meant another one, and that write is refused as busy.
 */
export class ProfileWriter extends DurableObject {
  readonly #lock = createProcessLock();
  readonly #serve = createServer(this.env, {
    withLock: (key, waitMsMax, task) =>
      this.env.PROFILE_WRITER.idFromName(key).equals(this.ctx.id)
        ? this.#lock(key, waitMsMax, task)
        : Promise.resolve(undefined),
    doubts: createStoredDoubts(this.ctx.storage),
    isBehindFront: true,
  });

  override fetch(request: Request): Promise<Response> {
    return this.#serve(request);
  }
}

/** Answers what is no write, and hands writes over; made by the first request of an isolate. */
let front: Serve | undefined;

function createFront(environment: Environment): Serve {
  return createServer(environment, {
    withLock: () => Promise.resolve(undefined),
    handOver: (key, request) => environment.PROFILE_WRITER.getByName(key).fetch(request),
  });
}

export default {
  fetch(request, environment, context) {
    front ??= createFront(environment);
    const answer = front(request);
    // A caller that goes away must not take a write with it, nor a token that others wait for.
    context.waitUntil(answer.then(() => undefined));
    return answer;
  },
} satisfies ExportedHandler<Environment>;
