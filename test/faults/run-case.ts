import { adapters } from '../../adapters/index.ts';
import type { SandboxChange } from '../../adapters/sandbox-kit/sandbox.ts';
import {
  type HttpRequest,
  isObject,
  type JsonObject,
  parseExact,
} from '../../src/adapter-kit/index.ts';
import { createApp } from '../../src/http/app.ts';
import { nodeDigests } from '../../src/node/digests.ts';
import type { Ports } from '../../src/ports.ts';
import { createRouter } from '../../src/routing/router.ts';
import { createMemoryState } from '../../src/state/local-state.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { createTarget, type Target } from '../../src/upstream/target.ts';
import { clockOf } from '../support/clock.ts';
import type { Case } from './cases.ts';
import { createStage, FIRST, READER, SECOND } from './stage.ts';
import type { Subject } from './subject.ts';
import { type Delivery, openVendor, seedVendor, type Vendor } from './vendor.ts';
import type { Wire } from './wire.ts';

/** What a caller was told, and how long the journal was when it asked and by then. */
export type Told = {
  readonly owner: string;
  readonly patch: JsonObject;
  readonly status: number;
  readonly body: JsonObject;
  readonly retryAfter: string | null;
  readonly from: number;
  readonly to: number;
};

/** All that happened in one case. */
export type Run = {
  readonly told: readonly Told[];
  readonly before: JsonObject;
  readonly journal: readonly SandboxChange[];
  readonly deliveries: readonly Delivery[];
  readonly logs: readonly LogRecord[];
  /** Requests in the order they were handed to the transport. */
  readonly sent: readonly string[];
};

const TIMEOUT_MS = 400;
const DEADLINE_MS = 30_000;

/** Runs one case over `wire`, which serves nothing else meanwhile. */
export async function runCase(given: Case, wire: Wire): Promise<Run> {
  const { subject } = given;
  const { now } = wire;
  const vendor = openVendor(given, () => now() + given.skewMs);
  const before = seedVendor(vendor, subject, given.seed);
  const target = openTarget(subject, wire.origin, now);
  const stage = createStage(given, vendor, target.connection);
  const logs: LogRecord[] = [];
  const app = openGateway(target, wire, stage.announce, logs);
  const told: Told[] = [];
  const call = async (owner: string, patch: JsonObject, headers = {}): Promise<void> => {
    stage.setOwner(owner);
    told.push(await ask({ owner, patch, headers }, app, vendor, subject));
  };
  wire.begin(stage.script);
  try {
    await call(FIRST, given.patch, await headersOf(given, app, stage.setOwner));
    if (stage.hasHeld()) {
      await call(SECOND, given.secondPatch);
      await stage.release();
      wire.advance(target.settleMs + 1000);
      await call(SECOND, given.secondPatch);
    }
  } finally {
    await wire.end();
  }
  const { sent } = stage;
  return { told, before, journal: vendor.journal(), deliveries: vendor.deliveries, logs, sent };
}

/** The headers by which the first caller makes conditions; a tag is that of the profile before. */
async function headersOf(
  { hits, ifMatch, prefer, subject }: Case,
  app: App,
  setOwner: (owner: string) => void,
): Promise<Record<string, string>> {
  const preferences = prefer === undefined ? {} : { prefer };
  const readsFirst = hits.some(({ step }) => step === 'read');
  if (ifMatch === undefined) return readsFirst ? { ...preferences, 'if-match': '*' } : preferences;
  if (ifMatch === '*') return { ...preferences, 'if-match': ifMatch };
  setOwner(READER);
  const read = await app.request(`http://localhost/profiles/target:${subject.id}`);
  return { ...preferences, 'if-match': read.headers.get('etag') ?? 'none' };
}

function openTarget(subject: Subject, origin: string, now: () => number): Target {
  const adapter = adapters.find(({ vendor }) => vendor === subject.vendor);
  if (adapter === undefined) throw new Error(`no adapter is called ${subject.vendor}`);
  const { vendor: _, ...settings } = subject.settings(origin);
  const opened = adapter.open(settings);
  if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
  const { connection } = opened;
  const common = { name: 'target', idNamespace: 'target', timeoutMs: TIMEOUT_MS };
  return createTarget({ ...common, adapter, connection, clock: clockOf(now) });
}

type App = ReturnType<typeof createApp>;

function openGateway(
  target: Target,
  wire: Wire,
  announce: (request: HttpRequest) => void,
  logs: LogRecord[],
): App {
  const { now, random, sleep } = wire;
  const ports: Ports = {
    send: (request, timeoutMs) => {
      announce(request);
      return wire.send(request, timeoutMs);
    },
    ...clockOf(now),
    random,
    sleep,
    digests: nodeDigests,
    state: createMemoryState(clockOf(now).monotonicMs),
    log: (record) => logs.push(record),
    deadlineMs: DEADLINE_MS,
  };
  const gateway = {
    adapters,
    targets: new Map([[target.name, target]]),
    router: createRouter([]),
    links: undefined,
    callers: undefined,
    version: 'test',
    loadedAtMs: 0,
    effective: {},
  };
  return createApp({ adapters, ports, gateway: () => gateway });
}

type Question = {
  readonly owner: string;
  readonly patch: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
};

async function ask(
  { headers, owner, patch }: Question,
  app: App,
  vendor: Vendor,
  { id }: Subject,
): Promise<Told> {
  const from = vendor.journal().length;
  const response = await app.request(`http://localhost/profiles/target:${id}`, {
    method: 'PATCH',
    headers: { 'content-type': 'application/merge-patch+json', ...headers },
    body: JSON.stringify(patch),
  });
  const parsed = parseExact(await response.text());
  const body = isObject(parsed) ? parsed : {};
  const retryAfter = response.headers.get('retry-after');
  const { status } = response;
  return { owner, patch, status, body, retryAfter, from, to: vendor.journal().length };
}
