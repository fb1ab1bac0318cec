import { setImmediate } from 'node:timers';
import nerm from '../../adapters/nerm/index.ts';
import type { Adapter, JsonObject } from '../../src/adapter-kit/index.ts';
import type { StateOperations } from '../../src/http/routes/state-operations.ts';
import { operationsOf } from '../../src/node/state/operations.ts';
import { createSharedControl } from '../../src/node/state/shared-control.ts';
import { openSqliteDatabase } from '../../src/node/state/sqlite/database.ts';
import { createOrphanCloser } from '../../src/profiles/close-orphan.ts';
import { createLinkOverlay } from '../../src/routing/link-overlay.ts';
import type { OpenLinks } from '../../src/routing/links.ts';
import { systemClock } from '../../src/state/clock.ts';
import {
  createSharedState,
  type SharedState,
  type StateEvent,
} from '../../src/state/shared-state.ts';
import { type StateDatabase, StateUnavailable } from '../../src/state/state-database.ts';
import { createInMemoryGateway, type InMemoryGateway } from '../support/in-memory.ts';

export const ID = '33f072dd-13b4-41e1-8ea0-16f2a59b57c8';
export const SESSION_MS = 400;
export const SETTLE_MS = 900;
const DAY_MS = 86_400_000;
const HASH_KEY = 'a-hash-key-that-is-not-real';

/** One gateway in this process, with a connection of its own to the state that all share. */
export type TestReplica = {
  readonly gateway: InMemoryGateway;
  readonly database: StateDatabase;
  readonly shared: SharedState;
  readonly operations: StateOperations;
  readonly events: readonly StateEvent[];
  /** Adds to what its clock of spans shows, as after a pause of the process. */
  readonly pause: (ms: number) => void;
  /** Cuts it from the state, or joins it again. */
  readonly cut: (isCut: boolean) => void;
};

/** Differences of one replica from the others. */
export type ReplicaOptions = {
  /** Absent: `document`. */
  readonly document?: JsonObject;
  /** Absent: `SETTLE_MS`. */
  readonly settleMs?: number;
  /** Absent: `SESSION_MS`. */
  readonly sessionMs?: number;
  /** Absent: the one that all share. */
  readonly hashKey?: string;
  /** The links of the configuration. */
  readonly openLinks?: OpenLinks;
  /** True where it starts without an answer of the state. */
  readonly isCut?: boolean;
};

export const document: JsonObject = {
  version: 1,
  targets: {
    acme: {
      vendor: 'nerm',
      baseUrl: 'http://127.0.0.1:8788/api',
      auth: { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' },
    },
  },
};

/** Starts a replica on the state file at `path` whose vendor answers by `fetch`. */
export async function startReplica(
  name: string,
  path: string,
  fetch: (request: Request) => Promise<Response>,
  { settleMs = SETTLE_MS, sessionMs = SESSION_MS, ...options }: ReplicaOptions = {},
): Promise<TestReplica> {
  const adapter: Adapter = { ...nerm, settleMs };
  const { hashKey = HASH_KEY } = options;
  const events: StateEvent[] = [];
  let isCut = options.isCut ?? false;
  let aheadMs = 0;
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
  const opened = await openSqliteDatabase({
    path,
    durability: 'process',
    timeoutMs: sessionMs / 2,
  });
  const database = cuttable(opened, () => isCut);
  const links = createLinkOverlay();
  const shared = createSharedState({
    database,
    clock,
    random: Math.random,
    atTurnEnd: (step) => void setImmediate(step),
    hashKey,
    name,
    version: '1',
    sessionMs,
    links,
    retention: { receiptMs: DAY_MS, answerMs: DAY_MS, idleMs: DAY_MS },
    onEvent: (event) => events.push(event),
  });
  const operations = operationsOf(
    { database, shared },
    { change: (...given) => control.drains.change(...given) },
  );
  const gateway = await createInMemoryGateway({
    document: options.document ?? document,
    adapters: [adapter],
    fetch,
    clock,
    state: shared.state,
    links,
    ...(options.openLinks === undefined ? {} : { openLinks: options.openLinks }),
    process: {
      operations,
      liveReplicas: shared.liveReplicas,
      isStateReachable: () => shared.view().isReachable,
    },
  });
  const { ports, targets } = gateway;
  const control = createSharedControl({
    database,
    hashKey,
    targets: () => targets,
    clock,
  });
  await shared.start(
    createOrphanCloser({
      targets: () => targets,
      ports,
      hashKey: shared.state.hashKey ?? '',
      replica: name,
    }),
    control.apply,
  );
  const pause = (ms: number): void => {
    aheadMs += ms;
  };
  const cut = (wanted: boolean): void => {
    isCut = wanted;
  };
  return { gateway, database: opened, shared, operations, events, pause, cut };
}

/** The database without an answer to any call while `isCut` says so. */
function cuttable(database: StateDatabase, isCut: () => boolean): StateDatabase {
  const entries = Object.entries(database).map(([name, member]) => {
    if (typeof member !== 'function') return [name, member];
    const call: (...given: unknown[]) => Promise<unknown> = member as never;
    return [
      name,
      (...given: unknown[]) =>
        isCut() ? Promise.reject(new StateUnavailable('cut')) : call(...given),
    ];
  });
  return Object.fromEntries(entries) as StateDatabase;
}

/** A profile at a vendor that answers as NERM does, with hooks around each write. */
export function createVendor() {
  const profile = {
    id: ID,
    uid: '0f3c9a7be1d24a5f8c6b7d8e9fa0b1c2',
    name: 'Dana Example',
    status: 'Active',
    attributes: {} as Record<string, string>,
    created_at: '2026-01-05T08:00:00.000Z',
    updated_at: '2026-01-05T08:00:00.000Z',
  };
  const journal: string[] = [];
  let writing = 0;
  const vendor = {
    profile,
    journal,
    overlaps: 0,
    /** Waits before a write takes effect, and before it is answered. */
    before: async (): Promise<void> => {},
    after: async (): Promise<void> => {},
    fetch: async (request: Request): Promise<Response> => {
      if (request.method === 'PATCH') {
        writing += 1;
        if (writing > 1) vendor.overlaps += 1;
        const body = JSON.parse(await request.text());
        await vendor.before();
        Object.assign(profile.attributes, body.profile.attributes);
        profile.updated_at = new Date().toISOString();
        journal.push(JSON.stringify(body.profile.attributes));
        writing -= 1;
        await vendor.after();
      }
      const headers = { 'content-type': 'application/json', date: new Date().toUTCString() };
      return new Response(JSON.stringify({ profile }), { headers });
    },
  };
  return vendor;
}

/** Never comes. */
export const NEVER = new Promise<never>(() => {});

export function patchOf(attributes: JsonObject) {
  return { body: { attributes } };
}
