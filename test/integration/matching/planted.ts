import { expect } from 'vitest';
import {
  type FaultCode,
  fail,
  type JsonObject,
  ownFault,
  succeed,
} from '../../../src/adapter-kit/index.ts';
import type { MatchingPorts } from '../../../src/matching/matching-ports.ts';
import type { LinkTargets } from '../../../src/state/control/control-rows.ts';
import type { TestReplica } from '../../state/replicas.ts';
import { receiptRow } from '../../state/suite/store.ts';
import { type Asked, ask, type Start, waitFor } from '../lifecycle/operating.ts';
import { type FileLinks, withLinks } from '../links/linking.ts';

/** Names by upstream ids. */
export type Planted = Readonly<Record<string, string | undefined>>;

type ListPage = MatchingPorts['listPage'];

export type PlantedLists = {
  /** Pages that were read, as `target:place`. */
  readonly pages: string[];
  before: (page: string) => Promise<void>;
  /** Faults of the next pages. */
  readonly faults: [FaultCode, string][];
  isTruncated: boolean;
  /** Targets whose pages have numbers. */
  readonly shifting: string[];
  readonly listPage: ListPage;
};

/** Lists of targets in memory, a few profiles a page, with a hook before each page. */
export function plantedLists(
  lists: Readonly<Record<string, Planted>>,
  pageItems = 2,
): PlantedLists {
  const planted: PlantedLists = {
    pages: [],
    before: async () => {},
    faults: [],
    isTruncated: false,
    shifting: [],
    listPage: async (target, cursor = '0') => {
      const page = `${target}:${cursor}`;
      planted.pages.push(page);
      await planted.before(page);
      const fault = planted.faults.shift();
      if (fault !== undefined) return fail(ownFault(...fault));
      const all = Object.entries(lists[target] ?? {});
      const end = Number(cursor) + pageItems;
      const items = all.slice(Number(cursor), end).map(([upstreamId, name]) => ({
        upstreamId,
        content: name === undefined ? {} : { name, attributes: { no: `n-${upstreamId}` } },
      }));
      const more = end < all.length ? { cursor: String(end) } : {};
      const isShifting = planted.shifting.includes(target);
      return succeed({ items, ...more, isTruncated: planted.isTruncated, isShifting });
    },
  };
  return planted;
}

/** Runs a test with replicas whose targets `acme` and `far` list what is planted. */
export function withMatching(
  lists: Readonly<Record<string, Planted>>,
  work: (start: Start, planted: PlantedLists) => Promise<void>,
  file: FileLinks = {},
) {
  const planted = plantedLists(lists);
  return withLinks(file, async (start) => {
    await work((name, options) => start(name, { listPage: planted.listPage, ...options }), planted);
  });
}

/** Profiles in every situation but one that needs links. */
export const LISTS = {
  acme: {
    ...{ a1: 'Dana  Example', a2: 'Kim', a3: 'Robin', a4: 'Robin', a5: 'Sam', a6: undefined },
    ...{ a7: 'Lee', a8: 'Ada', a9: 'Max', aa: 'Max' },
  },
  far: {
    ...{ b1: ' dana example', b2: 'KIM', b3: 'Kim', b4: 'robin', b5: 'Toni', b7: 'lee', b8: 'Ada' },
    ...{ b9: 'Eve', ba: 'eve ' },
  },
};

export const SPEC = {
  targets: ['acme', 'far'],
  keys: [{ pointer: '/name' }],
  requestsPerSecond: 50,
};

/** Starts a run; its id. */
export async function startRun(replica: TestReplica, spec: object = {}): Promise<string> {
  const body = { ...SPEC, ...spec };
  const started = await ask(replica, 'POST', '/admin/matches', { body } as Asked);
  expect(started).toMatchObject({ status: 200, json: { state: 'running' } });
  return started.json.id;
}

/** Reads a run with the candidates of a query. */
export async function showRun(replica: TestReplica, id: string, query = '') {
  const path = `/admin/matches/${id}${query}`;
  const { json, status } = await ask(replica, 'GET', path, { by: 'watcher' });
  expect(status).toBe(200);
  return json;
}

/** Waits until a run has a state. */
export async function hasState(replica: TestReplica, id: string, state: string): Promise<void> {
  await waitFor(async () => (await showRun(replica, id, '?limit=1')).state === state);
}

export async function readyRunOf(replica: TestReplica, spec: object = {}): Promise<string> {
  const id = await startRun(replica, spec);
  await hasState(replica, id, 'ready');
  return id;
}

type Shown = {
  readonly candidate: string;
  readonly situation: string;
  readonly profiles: readonly { readonly upstreamId: string }[];
};

/** The situations of all candidates, by the upstream ids of their profiles. */
export async function situations(replica: TestReplica, id: string) {
  const { candidates } = await showRun(replica, id, '?limit=500');
  const pairs = candidates.map(({ profiles, situation }: Shown) => [
    profiles.map(({ upstreamId }) => upstreamId).join(' '),
    situation,
  ]);
  return Object.fromEntries(pairs);
}

/** The name of the candidate that has a profile. */
export async function candidateWith(replica: TestReplica, id: string, upstreamId: string) {
  const { candidates } = await showRun(replica, id, '?limit=500');
  const found = candidates.find(({ profiles }: Shown) =>
    profiles.some((profile) => profile.upstreamId === upstreamId),
  );
  return found.candidate as string;
}

export function decide(
  replica: TestReplica,
  id: string,
  kind: 'confirm' | 'refuse',
  body: JsonObject,
) {
  return ask(replica, 'POST', `/admin/matches/${id}/${kind}`, { body });
}

/** Sets a link as the API does, whatever ids its targets have. */
export async function plantLink(replica: TestReplica, id: string, targets: LinkTargets) {
  await replica.database.changeLinks([{ id, targets }], receiptRow(`link ${id} ${Math.random()}`));
}
