import { adapters as registry } from '../../adapters/index.ts';
import {
  type Adapter,
  type HttpRequest,
  isObject,
  type Json,
  type JsonObject,
  parseExact,
} from '../../src/adapter-kit/index.ts';
import { readConfiguration } from '../../src/config/read-config.ts';
import type { ConfigSnapshot } from '../../src/config/snapshot.ts';
import { type AppOptions, createApp } from '../../src/http/app.ts';
import { linkRoutes } from '../../src/http/routes/links/routes.ts';
import { nodeDigests } from '../../src/node/digests.ts';
import { isFailure, type Ports } from '../../src/ports.ts';
import { type LinkOverlay, withChangedLinks } from '../../src/routing/link-overlay.ts';
import type { OpenLinks } from '../../src/routing/links.ts';
import { createMemoryAnswers } from '../../src/state/answers.ts';
import type { Clock } from '../../src/state/clock.ts';
import { createInDoubtRegistry, type InDoubtRegistry } from '../../src/state/in-doubt.ts';
import { createLocalState } from '../../src/state/local-state.ts';
import type { StateStore } from '../../src/state/state-store.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import type { Meter } from '../../src/telemetry/metrics.ts';
import type { Target } from '../../src/upstream/target.ts';
import { createFetchSend } from '../../src/workers/fetch-client.ts';
import { recordResponse } from '../openapi/recorded.ts';
import { clockOf } from './clock.ts';

export const NOW_MS = Date.parse('2026-03-01T12:00:00Z');
/** Where the vendors seem to listen: nothing ever reaches a socket. */
export const UPSTREAM = 'http://127.0.0.1:8788';

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as an object; empty when it is none. */
  readonly body: JsonObject;
};

export type InMemoryGateway = {
  readonly ask: (method: string, path: string, question?: Question) => Promise<Answer>;
  /** Every request that was sent to a vendor, with its credentials, oldest first. */
  readonly sent: readonly Sent[];
  readonly logs: readonly LogRecord[];
  readonly ports: Ports;
  readonly targets: ReadonlyMap<string, Target>;
  readonly snapshot: ConfigSnapshot;
  /** Answers a request as it arrives. */
  readonly fetch: (request: Request, binding?: object) => Response | Promise<Response>;
};

/** A request as it was sent, and the status of its answer; 0 while there is none. */
export type Sent = HttpRequest & { readonly status: number };

export type Question = {
  readonly body?: Json;
  /** In place of `body`: its text as it is sent. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

export type InMemoryOptions = {
  readonly document: JsonObject;
  readonly fetch: (request: Request) => Response | Promise<Response>;
  readonly adapters?: readonly Adapter[];
  readonly doubts?: InDoubtRegistry;
  /** In place of one that ends with the process. */
  readonly state?: StateStore;
  /** Absent: it stands still. */
  readonly clock?: Clock;
  /** Absent: nothing waits. */
  readonly sleep?: Ports['sleep'];
  /** State of the process around it. */
  readonly process?: AppOptions['process'];
  /** The links of the configuration. */
  readonly openLinks?: OpenLinks;
  /** The links that the API has changed; absent: it cannot. */
  readonly links?: LinkOverlay;
  readonly meter?: Meter;
  readonly logLevel?: 'debug';
};

/** A gateway of the given document whose vendors answer by `fetch`. */
export async function createInMemoryGateway(options: InMemoryOptions): Promise<InMemoryGateway> {
  const { adapters = registry, clock = clockOf(() => NOW_MS), document, process = {} } = options;
  const read = await readConfiguration(document, {
    adapters,
    lookup: { environment: () => undefined },
    clock,
    digests: nodeDigests,
    ...(options.openLinks && { openLinks: options.openLinks }),
  });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const gateway = options.links
    ? withChangedLinks<ConfigSnapshot>(options.links)(read.gateway)
    : read.gateway;
  const sent: Sent[] = [];
  const logs: LogRecord[] = [];
  const send = createFetchSend(async (request) => options.fetch(request));
  const ports: Ports = {
    send: async (request, timeoutMs, _, mayStillSend) => {
      if (mayStillSend?.() === false) {
        return { failure: 'lease_lost', sent: false, reason: 'LEASE_LOST' };
      }
      const place = sent.push({ ...request, status: 0 }) - 1;
      const answer = await send(request, timeoutMs);
      sent[place] = { ...request, status: isFailure(answer) ? 0 : answer.status };
      return answer;
    },
    ...clock,
    random: () => 0.5,
    sleep: options.sleep ?? (async () => {}),
    digests: nodeDigests,
    state: options.state ?? stateOf(options.doubts, clock),
    log: (record) => logs.push(record),
    deadlineMs: 30_000,
    meter: options.meter,
    ...(options.logLevel && { logLevel: options.logLevel }),
  };
  const app = createApp({
    adapters,
    ports,
    gateway: () => gateway,
    process: { linkRoutes, ...process },
  });

  async function ask(method: string, path: string, question: Question = {}) {
    const { body, headers } = question;
    const text = question.text ?? (body === undefined ? undefined : JSON.stringify(body));
    const type = text === undefined ? {} : { 'content-type': 'application/merge-patch+json' };
    const init = {
      method,
      headers: { ...type, ...headers },
      ...(text === undefined ? {} : { body: text }),
    };
    const response = await app.request(`http://localhost${path}`, init);
    const answer = await response.text();
    recordResponse({ method, path, headers: init.headers, body: text }, response, answer);
    return {
      status: response.status,
      headers: response.headers,
      text: answer,
      // Parsed for those who look at it: where time is measured, that would be counted too.
      get body() {
        const value = parseExact(answer);
        return isObject(value) ? value : {};
      },
    };
  }
  return { ask, sent, logs, ports, ...partsOf(gateway, app) };
}

/** A state that ends with the process. */
function stateOf(
  doubts: InDoubtRegistry | undefined,
  clock: Pick<Clock, 'monotonicMs'>,
): StateStore {
  return createLocalState({
    doubts: doubts ?? createInDoubtRegistry(clock.monotonicMs),
    answers: createMemoryAnswers(clock),
    lockScope: 'process',
  });
}

/** Parts of a gateway that tests look at. */
function partsOf(snapshot: ConfigSnapshot, { fetch }: Pick<ReturnType<typeof createApp>, 'fetch'>) {
  return { snapshot, targets: snapshot.targets, fetch };
}
