import { setImmediate } from 'node:timers';
import nerm from '../../adapters/nerm/index.ts';
import type { Adapter, JsonObject } from '../../src/adapter-kit/index.ts';
import { type Matching, matchRoutesOf } from '../../src/http/routes/matches/routes.ts';
import type { StateOperations } from '../../src/http/routes/state-operations.ts';
import type { MatchingPorts } from '../../src/matching/matching-ports.ts';
import { type MatchingOptions, openMatching } from '../../src/node/matching/open-matching.ts';
import { operationsOf } from '../../src/node/state/operations.ts';
import { createSharedControl } from '../../src/node/state/shared-control.ts';
import { openSqliteDatabase } from '../../src/node/state/sqlite/database.ts';
import type { Ports } from '../../src/ports.ts';
import { createOrphanCloser } from '../../src/profiles/close-orphan.ts';
import { createLinkOverlay } from '../../src/routing/link-overlay.ts';
import type { OpenLinks } from '../../src/routing/links.ts';
import { sleep, systemClock } from '../../src/state/clock.ts';
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
  /** Stops working on match runs, as when the process stops. */
  readonly stopMatching: () => Promise<void>;
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
  /** Longest wait between two searches for an open create; absent: none. */
  readonly waitMsMax?: number;
  /** In place of the lists of the targets. */
  readonly listPage?: MatchingPorts['listPage'];
  /** True where the vendor hides no profile: one that is not shown is deleted. */
  readonly hidesNone?: boolean;
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

/** Opens targets that list profiles, as a list in memory shows them. */
const LISTING: Pick<Adapter, 'open'> = {
  open: (settings) => {
    const opened = nerm.open(settings);
    if (!opened.ok) return opened;
    const declared = { filters: [], pageSizeMax: 100, completeness: 'stable' } as const;
    const page = () => {
      throw new Error('the list is in memory');
    };
    const list = { ...declared, omitted: ['/attributes/hidden'], page };
    return { ok: true, connection: { ...opened.connection, list } };
  },
};

/** Opens targets where a profile that is not shown is deleted. */
const HIDING_NONE: Pick<Adapter, 'open'> = {
  open: (settings) => {
    const opened = nerm.open(settings);
    const { remove } = opened.ok ? opened.connection : {};
    if (!opened.ok || remove === undefined) return opened;
    const connection = { ...opened.connection, remove: { ...remove, absence: 'deleted' as const } };
    return { ok: true, connection };
  },
};

function openingOf({ hidesNone, listPage }: ReplicaOptions): Partial<Pick<Adapter, 'open'>> {
  return { ...(listPage && LISTING), ...(hidesNone === true && HIDING_NONE) };
}

/** Starts a replica on the state file at `path` whose vendor answers by `fetch`. */
export async function startReplica(
  name: string,
  path: string,
  fetch: (request: Request) => Promise<Response>,
  { settleMs = SETTLE_MS, sessionMs = SESSION_MS, ...options }: ReplicaOptions = {},
): Promise<TestReplica> {
  const { hashKey = HASH_KEY, listPage, waitMsMax = 0 } = options;
  const adapter: Adapter = { ...nerm, ...openingOf(options), settleMs };
  const events: StateEvent[] = [];
  let isCut = options.isCut ?? false;
  let aheadMs = 0;
  const clock = { ...systemClock, monotonicMs: () => systemClock.monotonicMs() + aheadMs };
  const timeoutMs = sessionMs / 2;
  const opened = await openSqliteDatabase({ path, durability: 'process', timeoutMs });
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
  let matching: Matching | undefined;
  const gateway: InMemoryGateway = await createInMemoryGateway({
    document: options.document ?? document,
    adapters: [adapter],
    fetch,
    clock,
    state: shared.state,
    links,
    sleep: async (ms) => void (waitMsMax > 0 && (await sleep(Math.min(ms, waitMsMax)))),
    ...(options.openLinks === undefined ? {} : { openLinks: options.openLinks }),
    process: {
      operations,
      liveReplicas: shared.liveReplicas,
      isStateReachable: () => shared.view().isReachable,
      matchRoutes: (part, ports) => {
        const state = { database, shared, hashKey };
        matching = matchingOf(state, ports, () => gateway.snapshot, listPage);
        return matchRoutesOf(matching)(part, ports);
      },
    },
  });
  const { ports, targets } = gateway;
  const control = createSharedControl({
    database,
    hashKey,
    targets: () => targets,
    clock,
  });
  const current = { targets: () => targets, gateway: () => gateway.snapshot };
  const closing = { ...current, ports, hashKey: shared.state.hashKey ?? '' };
  await shared.start(createOrphanCloser({ ...closing, replica: name }), control.apply);
  const hooks: Pick<TestReplica, 'pause' | 'cut' | 'stopMatching'> = {
    pause: (ms) => {
      aheadMs += ms;
    },
    cut: (wanted) => {
      isCut = wanted;
    },
    stopMatching: async () => await matching?.runner.close(),
  };
  return { gateway, database: opened, shared, operations, events, ...hooks };
}

function matchingOf(
  state: MatchingOptions['state'],
  ports: Ports,
  gateway: MatchingOptions['gateway'],
  listPage: MatchingOptions['listPage'],
): Matching {
  // The runner waits by its own clock: `sleep` of the ports does not wait.
  const options = { state, ports: { ...ports, sleep }, gateway };
  return openMatching(listPage === undefined ? options : { ...options, listPage });
}

/** The database without an answer to any call while `isCut` says so. */
function cuttable(database: StateDatabase, isCut: () => boolean): StateDatabase {
  const cut = (members: object): object => {
    const entries = Object.entries(members).map(([name, member]) => {
      if (typeof member === 'object') return [name, cut(member)];
      if (typeof member !== 'function') return [name, member];
      const call: (...given: unknown[]) => Promise<unknown> = member as never;
      return [
        name,
        (...given: unknown[]) =>
          isCut() ? Promise.reject(new StateUnavailable('cut')) : call(...given),
      ];
    });
    return Object.fromEntries(entries);
  };
  return cut(database) as StateDatabase;
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
