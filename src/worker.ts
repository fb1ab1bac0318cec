import { DurableObject } from 'cloudflare:workers';
import { adapters } from '../adapters/index.ts';
import { createApp } from './gateway/app.ts';
import { bearerKey } from './gateway/callers.ts';
import { createProcessLock } from './gateway/lock.ts';
import { jsonLines } from './gateway/log.ts';
import type { Ports, WithLock } from './gateway/ports.ts';
import { resolve } from './gateway/resolve.ts';
import { createFetchSend } from './gateway/send-fetch.ts';
import type { Environment } from './worker/environment.ts';
import { digests, loadGateway, outward } from './worker/load.ts';

/** Longest answer to a caller on Workers: an invocation without its caller is cut at 30 s. */
const WORKER_DEADLINE_MS = 25_000;

type Serve = (request: Request) => Promise<Response>;

const log = jsonLines(Date.now, (line) => console.log(line));

/** Answers requests over an app of its own; each request keeps the configuration it began with. */
function createServer(environment: Environment, withLock: WithLock): Serve {
  const ports: Ports = {
    send: createFetchSend(outward(environment)),
    now: Date.now,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    digests,
    withLock,
    serialized: 'shared',
    log,
    deadlineMs: WORKER_DEADLINE_MS,
  };
  const app = createApp({ adapters, ports, gateway: () => loadGateway(environment, log) });
  return async (request) => app.fetch(request);
}

/**
 * The one writer of a profile. The whole exchange with the vendor runs here, so that no lock
 * outlives its holder. It locks no other profile: while a new configuration spreads, the isolate
 * that chose this object may have meant another one, and that write is refused as busy.
 */
export class ProfileWriter extends DurableObject {
  readonly #lock = createProcessLock();
  readonly #serve = createServer(this.env, (key, waitMsMax, task) =>
    this.env.PROFILE_WRITER.idFromName(key).equals(this.ctx.id)
      ? this.#lock(key, waitMsMax, task)
      : Promise.resolve(undefined),
  );

  override fetch(request: Request): Promise<Response> {
    return this.#serve(request);
  }
}

/** Answers what is no write; made by the first request of an isolate. It can lock nothing. */
let front: Serve | undefined;

export default {
  async fetch(request, environment, context) {
    const key = await writerKey(request, environment);
    front ??= createServer(environment, () => Promise.resolve(undefined));
    const answer =
      key === undefined ? front(request) : environment.PROFILE_WRITER.getByName(key).fetch(request);
    // A caller that goes away must not take a write with it, nor a token that others wait for.
    context.waitUntil(answer.then(() => undefined));
    return answer;
  },
} satisfies ExportedHandler<Environment>;

/**
 * The object that writes the profile a PATCH names; undefined for every other request, and for
 * callers that are not known: they wake no object.
 */
async function writerKey(request: Request, environment: Environment): Promise<string | undefined> {
  const id = request.method === 'PATCH' ? idOf(request.url) : undefined;
  const gateway = id === undefined ? undefined : await loadGateway(environment, log);
  if (id === undefined || gateway === undefined) return undefined;
  const { callers } = gateway;
  const callerKey = bearerKey(request.headers.get('Authorization') ?? undefined);
  const known = callerKey === undefined ? undefined : await callers?.find(callerKey);
  if (callers !== undefined && known === undefined) return undefined;
  const header = (name: string): string | undefined => request.headers.get(name) ?? undefined;
  const resolved = await resolve({ id, header, caller: known?.name }, gateway);
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
