import { DurableObject } from 'cloudflare:workers';
import { adapters } from '../adapters/index.ts';
import { createApp } from './gateway/app.ts';
import type { Gateway } from './gateway/gateway.ts';
import { createProcessLock } from './gateway/lock.ts';
import { jsonLines } from './gateway/log.ts';
import type { Ports } from './gateway/ports.ts';
import { resolve } from './gateway/resolve.ts';
import { createFetchSend } from './gateway/send-fetch.ts';
import type { Environment } from './worker/environment.ts';
import { digests, loadGateway, outward } from './worker/load.ts';

/** Longest answer to a caller on Workers: an invocation without its caller is cut at 30 s. */
const WORKER_DEADLINE_MS = 25_000;

const log = jsonLines(Date.now, (line) => console.log(line));

function createServer(environment: Environment, serialized: Ports['serialized']) {
  let gateway: Gateway | undefined;
  const ports: Ports = {
    send: createFetchSend(outward(environment)),
    now: Date.now,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    digests,
    withLock: createProcessLock(),
    serialized,
    log,
    deadlineMs: WORKER_DEADLINE_MS,
  };
  const app = createApp({ adapters, ports, gateway: () => gateway });
  return async (request: Request): Promise<Response> => {
    gateway = await loadGateway(environment, log);
    return app.fetch(request);
  };
}

/**
 * The one writer of a profile. The whole exchange with the vendor runs here, so that no lock
 * outlives its holder.
 */
export class ProfileWriter extends DurableObject {
  readonly #serve = createServer(this.env, 'shared');

  override fetch(request: Request): Promise<Response> {
    return this.#serve(request);
  }
}

export default {
  async fetch(request, environment, context) {
    const key = await writerKey(request, environment);
    const answer =
      key === undefined
        ? createServer(environment, 'shared')(request)
        : environment.PROFILE_WRITER.getByName(key).fetch(request);
    // A caller that goes away must not take a write with it.
    context.waitUntil(answer.then(() => undefined));
    return answer;
  },
} satisfies ExportedHandler<Environment>;

/** The object that writes the profile a PATCH names; undefined for every other request. */
async function writerKey(request: Request, environment: Environment): Promise<string | undefined> {
  const id = request.method === 'PATCH' ? idOf(request.url) : undefined;
  const gateway = id === undefined ? undefined : await loadGateway(environment, log);
  if (id === undefined || gateway === undefined) return undefined;
  const resolved = resolve(id, gateway);
  if (!resolved.ok) return undefined;
  const { target, upstreamId } = resolved.value;
  return `${target.idSpace}\n${upstreamId}`;
}

function idOf(url: string): string | undefined {
  const written = /^\/profiles\/([^/]+)$/.exec(new URL(url).pathname)?.[1];
  try {
    return written === undefined ? undefined : decodeURIComponent(written);
  } catch {
    return undefined;
  }
}
