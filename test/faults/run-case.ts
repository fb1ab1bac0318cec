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
import { createUndiciSend } from '../../src/node/http-client/send.ts';
import type { Ports } from '../../src/ports.ts';
import { createRouter } from '../../src/routing/router.ts';
import { createProcessLock } from '../../src/state/profile-lock.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { createTarget, type Target } from '../../src/upstream/target.ts';
import type { Case } from './cases.ts';
import type { FaultProxy } from './proxy.ts';
import { createStage, FIRST, SECOND } from './stage.ts';
import type { Subject } from './subject.ts';
import { type Delivery, openVendor, seedVendor, type Vendor } from './vendor.ts';

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

/** Runs one case over `proxy`, which serves nothing else meanwhile. */
export async function runCase(given: Case, proxy: FaultProxy): Promise<Run> {
  const { subject } = given;
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const vendor = openVendor(subject, () => now() + given.skewMs, given.frontSkewMs);
  const before = seedVendor(vendor, subject, given.seed);
  const target = openTarget(subject, proxy.origin, now);
  const stage = createStage(given, vendor, target.connection);
  const logs: LogRecord[] = [];
  const gateway = openGateway(target, now, stage.announce, logs);
  const readsFirst = given.hits.some(({ step }) => step === 'read');
  const told: Told[] = [];
  const call = async (owner: string, patch: JsonObject): Promise<void> => {
    stage.setOwner(owner);
    told.push(await ask({ owner, patch, readsFirst }, gateway, vendor, subject));
  };
  proxy.begin(stage.script);
  try {
    await call(FIRST, given.patch);
    if (stage.hasHeld()) {
      await call(SECOND, given.secondPatch);
      await stage.release();
      aheadMs += target.settleMs + 1000;
      await call(SECOND, given.secondPatch);
    }
  } finally {
    proxy.end();
    await gateway.close();
  }
  const { sent } = stage;
  return { told, before, journal: vendor.journal(), deliveries: vendor.deliveries, logs, sent };
}

function openTarget(subject: Subject, origin: string, now: () => number): Target {
  const adapter = adapters.find(({ vendor }) => vendor === subject.vendor);
  if (adapter === undefined) throw new Error(`no adapter is called ${subject.vendor}`);
  const { vendor: _, ...settings } = subject.settings(origin);
  const opened = adapter.open(settings);
  if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
  const { connection } = opened;
  const common = { name: 'target', idNamespace: 'target', timeoutMs: TIMEOUT_MS };
  return createTarget({ ...common, adapter, connection, now });
}

type OpenGateway = {
  readonly patch: (id: string, text: string, headers: Record<string, string>) => Promise<Response>;
  readonly close: () => Promise<void>;
};

function openGateway(
  target: Target,
  now: () => number,
  announce: (request: HttpRequest) => void,
  logs: LogRecord[],
): OpenGateway {
  const transport = createUndiciSend();
  const ports: Ports = {
    send: (request, timeoutMs) => {
      announce(request);
      return transport.send(request, timeoutMs);
    },
    now,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    digests: nodeDigests,
    withLock: createProcessLock(),
    lockScope: 'process',
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
  const app = createApp({ adapters, ports, gateway: () => gateway });
  return {
    patch: async (id, body, headers) =>
      app.request(`http://localhost/profiles/target:${id}`, { method: 'PATCH', headers, body }),
    close: transport.close,
  };
}

type Question = {
  readonly owner: string;
  readonly patch: JsonObject;
  /** Whether the gateway is made to read before it writes. */
  readonly readsFirst: boolean;
};

async function ask(
  { owner, patch, readsFirst }: Question,
  gateway: OpenGateway,
  vendor: Vendor,
  { id }: Subject,
): Promise<Told> {
  const from = vendor.journal().length;
  const response = await gateway.patch(id, JSON.stringify(patch), {
    'content-type': 'application/merge-patch+json',
    ...(readsFirst ? { 'if-match': '*' } : {}),
  });
  const parsed = parseExact(await response.text());
  const body = isObject(parsed) ? parsed : {};
  const retryAfter = response.headers.get('retry-after');
  const { status } = response;
  return { owner, patch, status, body, retryAfter, from, to: vendor.journal().length };
}
