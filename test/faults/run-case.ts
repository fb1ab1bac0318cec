import { adapters } from '../../adapters/index.ts';
import {
  type Connection,
  type HttpRequest,
  type HttpResponse,
  isObject,
  type JsonObject,
  parseExact,
  type SandboxChange,
} from '../../src/contract/index.ts';
import { createApp } from '../../src/gateway/app.ts';
import { nodeDigests } from '../../src/gateway/digests-node.ts';
import { createProcessLock } from '../../src/gateway/lock.ts';
import type { LogRecord } from '../../src/gateway/log.ts';
import type { Ports } from '../../src/gateway/ports.ts';
import { createRouter } from '../../src/gateway/routes.ts';
import { createUndiciSend } from '../../src/gateway/send-undici.ts';
import { createTarget } from '../../src/gateway/target.ts';
import type { Case, Hit, Step } from './cases.ts';
import type { Late, Passage } from './faults.ts';
import { intendedChange, outsideChange } from './intents.ts';
import type { Arrival, FaultProxy, Script } from './proxy.ts';
import { type Delivery, openVendor, type Vendor } from './vendor.ts';

/** What a caller was told, and how long the journal was by then. */
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

const TIMEOUT_MS = 250;
const FIRST = 'first caller';
const SECOND = 'second caller';

/** Runs one case over `proxy`, which serves nothing else meanwhile. */
export async function runCase(given: Case, proxy: FaultProxy): Promise<Run> {
  const { subject } = given;
  let aheadMs = 0;
  const now = (): number => Date.now() + aheadMs;
  const vendor = openVendor(subject, () => now() + given.skewMs, given.frontSkewMs);
  for (const [id, resource] of Object.entries(subject.neighbours ?? {})) {
    vendor.sandbox.seed(id, resource);
  }
  vendor.sandbox.seed(subject.id, given.seed);
  const before = storedOf(vendor, given);

  const { connection, target } = openTarget(given, proxy.origin, now);
  const stage = createStage(given, vendor, connection);
  const transport = createUndiciSend();
  const logs: LogRecord[] = [];
  const ports: Ports = {
    send: (request, timeoutMs) => {
      stage.announce(request);
      return transport.send(request, timeoutMs);
    },
    now,
    random: Math.random,
    sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    digests: nodeDigests,
    withLock: createProcessLock(),
    serialized: 'process',
    log: (record) => logs.push(record),
    deadlineMs: 30_000,
  };
  const gateway = {
    adapters,
    targets: new Map([[target.name, target]]),
    router: createRouter([]),
    links: undefined,
    callers: undefined,
  };
  const app = createApp({ adapters, ports, gateway: () => gateway });
  proxy.begin(stage.script);

  const told: Told[] = [];
  const call = async (owner: string, patch: JsonObject): Promise<void> => {
    stage.setOwner(owner);
    const from = vendor.journal().length;
    const readsFirst = given.hits.some(({ step }) => step === 'read') ? { 'if-match': '*' } : {};
    const response = await app.request(`http://localhost/profiles/target:${subject.id}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json', ...readsFirst },
      body: JSON.stringify(patch),
    });
    const body = parseExact(await response.text());
    const { headers, status } = response;
    told.push({
      owner,
      patch,
      status,
      body: isObject(body) ? body : {},
      retryAfter: headers.get('retry-after'),
      from,
      to: vendor.journal().length,
    });
  };
  try {
    await call(FIRST, given.patch);
    if (stage.isHolding()) {
      await call(SECOND, given.secondPatch);
      await stage.release();
      aheadMs += target.settleMs + 1000;
      await call(SECOND, given.secondPatch);
    }
  } finally {
    proxy.end();
    await transport.close();
  }
  return {
    told,
    before,
    journal: vendor.journal(),
    deliveries: vendor.deliveries,
    logs,
    sent: stage.sent,
  };
}

function storedOf(vendor: Vendor, { subject }: Case): JsonObject {
  const stored = vendor.sandbox.stored(subject.id);
  if (stored === undefined) throw new Error('the profile was not seeded');
  return stored;
}

function openTarget({ subject }: Case, origin: string, now: () => number) {
  const adapter = adapters.find(({ vendor }) => vendor === subject.vendor);
  if (adapter === undefined) throw new Error(`no adapter is called ${subject.vendor}`);
  const { vendor: _, ...settings } = subject.settings(origin);
  const opened = adapter.open(settings);
  if (!opened.ok) throw new Error(JSON.stringify(opened.issues));
  const { connection } = opened;
  const common = { name: 'target', idSpace: 'target', timeoutMs: TIMEOUT_MS };
  return { connection, target: createTarget({ ...common, adapter, connection, now }) };
}

type Stage = {
  readonly script: Script;
  readonly sent: readonly string[];
  /** Tells which request comes next, before it is sent: faults of connections need to know. */
  readonly announce: (request: HttpRequest) => void;
  readonly setOwner: (owner: string) => void;
  readonly isHolding: () => boolean;
  /** Hands over what was held until the end. */
  readonly release: () => Promise<void>;
};

/** Decides what befalls each request of a case. */
function createStage(given: Case, vendor: Vendor, connection: Connection): Stage {
  const { subject } = given;
  const left = new Map<Hit, number>(given.hits.map((hit) => [hit, hit.times]));
  const needsNewConnections = given.hits.some(({ fault }) => fault.meets !== 'request');
  const sent: string[] = [];
  const writes: string[] = [];
  let owner = FIRST;
  let hit: Hit | undefined;
  let step: Step = 'token';
  let outside = given.outside;
  let held:
    | { readonly late: Late; readonly deliver: () => Promise<unknown>; reads: number }
    | undefined;
  let everHeld = false;

  const stepOf = ({ method, path }: HttpRequest): Step => {
    if (/\/auth\/tokens|\/oauth/.test(path)) return writes.length > 0 ? 'second token' : 'token';
    if (method === 'GET') return writes.length > 0 ? 'read-back' : 'read';
    const key = `${method} ${path}`;
    if (!writes.includes(key)) writes.push(key);
    return writes.indexOf(key) === 0 ? 'write' : 'second write';
  };

  const releaseHeld = async (): Promise<void> => {
    const { deliver } = held ?? {};
    held = undefined;
    await deliver?.();
  };

  /** Lets a held request overtake the one that has just arrived, if its time has come. */
  const overtaken = async (): Promise<void> => {
    if (held === undefined) return;
    const isRead = step === 'read-back';
    if (isRead) held.reads += 1;
    const { late, reads } = held;
    const due =
      (late === 'before the next read' && isRead) ||
      (late === 'before the second read' && isRead && reads >= 2) ||
      (late === 'before the next write' && (step === 'write' || step === 'second write'));
    if (due) await releaseHeld();
  };

  const writeOutside = (): void => {
    if (outside === undefined || outside.step !== step) return;
    const { what } = outside;
    outside = undefined;
    const stored = storedOf(vendor, given);
    const change =
      what === 'another member'
        ? subject.outsideElsewhere(stored)
        : what === 'the same members'
          ? outsideChange(subject, given.patch, stored)
          : intendedChange(subject, given.patch, stored);
    vendor.sandbox.outsideWrite(subject.id, change);
  };

  const meet = async (arrival: Arrival, met: Hit | undefined): Promise<void> => {
    await overtaken();
    writeOutside();
    const passage = passageOf(arrival);
    if (met === undefined) passage.answer(await passage.deliver());
    else if (typeof met.fault.how === 'function') await met.fault.how(passage);
  };

  const passageOf = (arrival: Arrival): Passage => {
    const from = owner;
    const close = needsNewConnections ? { connection: 'close' } : {};
    const deliver = (): Promise<HttpResponse> => vendor.deliver(arrival, from);
    const front: Passage['front'] = (status, body, headers = {}) => ({
      status,
      body,
      headers: { 'content-type': 'application/json', date: vendor.date(), ...headers },
    });
    return {
      deliver,
      front,
      unwritten: () => vendor.read(arrival, connection),
      expired: () => front(subject.expired.status, subject.expired.body),
      hold: (late) => {
        held = { late, deliver, reads: 0 };
        everHeld = true;
      },
      answer: (answer) => arrival.answer({ ...answer, headers: { ...answer.headers, ...close } }),
      cut: arrival.cut,
      dribble: arrival.dribble,
      reset: arrival.reset,
    };
  };

  return {
    sent,
    isHolding: () => everHeld,
    release: releaseHeld,
    setOwner: (next) => {
      owner = next;
    },
    announce: (request) => {
      step = stepOf(request);
      sent.push(`${step}: ${request.method} ${request.path}`);
      hit =
        owner === FIRST
          ? given.hits.find((h) => h.step === step && (left.get(h) ?? 0) > 0)
          : undefined;
      if (hit !== undefined) left.set(hit, (left.get(hit) ?? 0) - 1);
    },
    script: {
      lookup: () => {
        const how = hit?.fault.how;
        return how === 'nobody' || how === 'unknown name' ? how : 'proxy';
      },
      connection: () => {
        const how = hit?.fault.how;
        return how === 'hang' || how === 'reset' ? how : 'serve';
      },
      request: (arrival) => {
        meet(arrival, hit).catch((error: unknown) => {
          arrival.reset();
          throw error;
        });
      },
    },
  };
}
