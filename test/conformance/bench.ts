import { adapters } from '../../adapters/index.ts';
import {
  type Adapter,
  type Connection,
  type HttpRequest,
  isObject,
  type Json,
  type JsonObject,
  own,
  ownObject,
  parseExact,
} from '../../src/adapter-kit/index.ts';
import { createApp } from '../../src/http/app.ts';
import { isFailure, type Ports, type Send } from '../../src/ports.ts';
import { createRouter } from '../../src/routing/router.ts';
import { createMemoryAnswers } from '../../src/state/answers.ts';
import { createInDoubtRegistry, type InDoubtRegistry } from '../../src/state/in-doubt.ts';
import { createLocalState } from '../../src/state/local-state.ts';
import { createTarget } from '../../src/upstream/target.ts';
import { clockOf } from '../support/clock.ts';
import { runtimeDigests } from './environment.ts';

/** The gateway with one target, in memory. Whatever it says is searched for secrets. */
export type Bench = {
  readonly connection: Connection;
  readonly ask: (question: Question) => Promise<Answer>;
  readonly call: (method: string, path: string, request?: Call) => Promise<Answer>;
  /** Every request that was sent, with its credentials, oldest first. */
  readonly sent: HttpRequest[];
  /** Values that no answer and no log record may hold; tokens are added as they are issued. */
  readonly secrets: Set<string>;
  readonly clock: Clock;
};

export type Clock = { nowMs: number };

export type Question = {
  readonly id: string;
  /** The text of a patch; without it the profile is read. */
  readonly patch?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A request beside those for one profile. */
export type Call = {
  readonly body?: Json;
  readonly headers?: Readonly<Record<string, string>>;
};

export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  readonly body: JsonObject;
};

export type BenchOptions = {
  readonly vendor: string;
  /** The settings of the target, without the vendor. */
  readonly settings: Json;
  readonly send: Send;
  readonly clock?: Clock;
  /** In place of the vendor's own. */
  readonly adapter?: Adapter | undefined;
  /** In place of one of the process. */
  readonly doubts?: InDoubtRegistry;
};

export const TARGET = 'target';
export const START_MS = Date.parse('2026-03-01T12:00:00Z');

export function adapterOf(vendor: string): Adapter {
  const adapter = adapters.find((candidate) => candidate.vendor === vendor);
  if (adapter === undefined) throw new Error(`no adapter is called ${vendor}`);
  return adapter;
}

/** Opens a vendor's connection by settings that must be right. */
export function connect(
  vendor: string,
  settings: Json,
  adapter: Adapter = adapterOf(vendor),
): Connection {
  const opened = adapter.open(settings);
  if (!opened.ok) throw new Error(`${vendor}: ${JSON.stringify(opened.issues)}`);
  return opened.connection;
}

export async function createBench(options: BenchOptions): Promise<Bench> {
  const { vendor, settings, clock = { nowMs: START_MS } } = options;
  const { adapter = adapterOf(vendor) } = options;
  const connection = frozenInputs(connect(vendor, settings, adapter));
  // What is secret is not for the adapter under test to say.
  const own = adapters.find((candidate) => candidate.vendor === vendor) ?? adapter;
  const secrets = new Set(connect(vendor, settings, own).secrets.map((secret) => secret.value));
  const sent: HttpRequest[] = [];
  const said: string[] = [];
  const now = (): number => clock.nowMs;
  const ports: Ports = {
    send: async (request, timeoutMs) => {
      sent.push(request);
      const answer = await options.send(request, timeoutMs);
      if (!isFailure(answer)) for (const token of tokensIn(answer)) secrets.add(token);
      return deepFreeze(answer);
    },
    ...clockOf(now),
    random: () => 0.5,
    sleep: async (ms) => {
      clock.nowMs += ms;
    },
    digests: await runtimeDigests(),
    state: stateOf(clockOf(now), options.doubts),
    log: (record) => said.push(JSON.stringify(record)),
    deadlineMs: 30_000,
  };
  const common = { name: TARGET, idNamespace: TARGET, timeoutMs: 10_000 };
  const target = createTarget({ ...common, adapter, connection, clock: clockOf(now) });
  const all = adapters.includes(own) ? adapters : [...adapters, adapter];
  const gateway = {
    adapters: all,
    targets: new Map([[TARGET, target]]),
    router: createRouter([]),
    links: undefined,
    callers: undefined,
    version: 'test',
    loadedAtMs: 0,
    effective: {},
  };
  const app = createApp({ adapters: all, ports, gateway: () => gateway });

  async function call(method: string, path: string, { body, headers }: Call = {}) {
    const text = typeof body === 'string' || body === undefined ? body : JSON.stringify(body);
    const type = { 'content-type': 'application/merge-patch+json' };
    const response = await app.request(`http://localhost${path}`, {
      method,
      headers: { ...(text === undefined ? {} : type), ...headers },
      ...(text === undefined ? {} : { body: text }),
    });
    const answered = await response.text();
    said.push(answered, JSON.stringify([...response.headers]));
    refuseSecrets(said.splice(0), secrets);
    const isEmpty = [204, 304].includes(response.status) && answered === '';
    const shown = isEmpty ? {} : parseExact(answered);
    if (!isObject(shown)) throw new Error(`the answer is no JSON object: ${answered}`);
    return { status: response.status, headers: response.headers, body: shown };
  }

  function ask({ headers = {}, id, patch }: Question): Promise<Answer> {
    const path = `/profiles/${TARGET}:${encodeURIComponent(id)}`;
    if (patch === undefined) return call('GET', path, { headers });
    return call('PATCH', path, { body: patch, headers });
  }

  return { connection, ask, call, sent, secrets, clock };
}

function stateOf(
  clock: ReturnType<typeof clockOf>,
  doubts = createInDoubtRegistry(clock.monotonicMs),
) {
  return createLocalState({ doubts, answers: createMemoryAnswers(clock), lockScope: 'process' });
}

/** What a successful answer shows of the profile beyond its names. */
export function contentOf({ body }: Answer): JsonObject {
  const profile = ownObject(body, 'profile');
  if (profile === undefined) throw new Error(`no profile in ${JSON.stringify(body)}`);
  const names = ['id', 'target', 'vendor', 'upstreamId'];
  return Object.fromEntries(Object.entries(profile).filter(([name]) => !names.includes(name)));
}

/** How a write ended, by its report or its problem. */
export function outcomeOf({ body }: Answer): Json | undefined {
  return own(ownObject(body, 'write') ?? body, 'outcome');
}

export function codeOf({ body }: Answer): Json | undefined {
  return own(body, 'code');
}

/** A connection that is handed frozen values only: one that changes its inputs throws. */
function frozenInputs(connection: Connection): Connection {
  const { preflight } = connection;
  return {
    ...connection,
    ...frozenOperations(connection),
    requiresRead: (changes) => connection.requiresRead(deepFreeze(changes)),
    ...(preflight === undefined
      ? {}
      : { preflight: (changes, before) => preflight(deepFreeze(changes), deepFreeze(before)) }),
    write: (id, changes, before) =>
      connection.write(id, deepFreeze(changes), before && deepFreeze(before)),
  };
}

function frozenOperations({ create, list, remove }: Connection): Partial<Connection> {
  return {
    ...(list && { list: { ...list, page: (request) => list.page(deepFreeze(request)) } }),
    ...(create && {
      create: {
        ...create,
        ...(create.check && { check: (changes) => create.check?.(deepFreeze(changes)) ?? [] }),
        send: (changes) => create.send(deepFreeze(changes)),
        traceOf: (changes) => create.traceOf(deepFreeze(changes)),
        find: (trace) => create.find(deepFreeze(trace)),
      },
    }),
    ...(remove && {
      remove: { ...remove, send: (id, before) => remove.send(id, deepFreeze(before)) },
    }),
  };
}

/** Freezes plain objects and lists all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null && !Array.isArray(value)) return value;
  Object.freeze(value);
  for (const member of Object.values(value)) deepFreeze(member);
  return value;
}

/** Tokens that an answer issues, wherever identity services write them. */
function tokensIn(answer: { headers: Readonly<Record<string, string>>; body: string }): string[] {
  const header = answer.headers['x-subject-token'];
  const body = answer.body.includes('access_token') ? parseExact(answer.body) : undefined;
  const member = isObject(body) ? own(body, 'access_token') : undefined;
  return [header, member].filter(
    (token) => typeof token === 'string' && token.length >= 8,
  ) as string[];
}

/** How much of a secret is too much to tell. */
const TELLING_CHARACTERS = 24;

function refuseSecrets(texts: readonly string[], secrets: ReadonlySet<string>): void {
  const told = [...secrets].flatMap(tellingSpellings);
  for (const text of texts) {
    if (told.some((secret) => text.includes(secret))) {
      throw new Error(`a secret stands in ${text.slice(0, 2000)}`);
    }
  }
}

/** By secret: every answer is searched for all of them. */
const TELLING_SPELLINGS = new Map<string, readonly string[]>();

function tellingSpellings(secret: string): readonly string[] {
  const known = TELLING_SPELLINGS.get(secret);
  if (known !== undefined) return known;
  const told = spellings(secret.slice(0, TELLING_CHARACTERS));
  TELLING_SPELLINGS.set(secret, told);
  return told;
}

/** A text as it stands in a header, in JSON, in JSON inside JSON, in a URL and in a form. */
export function spellings(text: string): string[] {
  const inJson = JSON.stringify(text).slice(1, -1);
  const inForm = new URLSearchParams({ '': text }).toString().slice(1);
  const twice = JSON.stringify(inJson).slice(1, -1);
  return [...new Set([text, inJson, twice, encodeURIComponent(text), inForm])];
}
