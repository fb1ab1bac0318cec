import { expect } from 'vitest';
import { confirmChoices } from '../../../src/matching/decide.ts';
import { FIRST_PROGRESS, matchSpecOf } from '../../../src/matching/match-spec.ts';
import type { MatchingPorts } from '../../../src/matching/matching-ports.ts';
import { createLinkOverlay } from '../../../src/routing/link-overlay.ts';
import { createLinkFollower } from '../../../src/state/control/link-follower.ts';
import type { StateDatabase } from '../../../src/state/state-database.ts';
import { receiptRow } from '../../state/suite/store.ts';
import {
  bigPage,
  caseOf,
  expectedSituation,
  numberOf,
  plantedLinks,
  plantedRefusals,
  TARGETS,
} from './big-lists.ts';

/** A run over big lists: what is there before it, and what must be there after it. */

export const RUN = 'big';
/** Most memory of a whole process, in which Node itself takes some 60 MiB. */
export const MEMORY_MIB_MAX = 300;

const SPEC = matchSpecOf({
  targets: [...TARGETS],
  keys: [{ pointer: '/name' }],
  requestsPerSecond: 50,
});

export async function addRun({ matches }: StateDatabase, id: string): Promise<void> {
  const texts = { spec: JSON.stringify(SPEC), progress: JSON.stringify(FIRST_PROGRESS) };
  await matches.addRun({ id, by: '', ...texts }, receiptRow(`start of ${id}`));
}

/** Stores links and refusals of an earlier time, of `of` cases. */
export async function plant(database: StateDatabase, of: number): Promise<void> {
  const links = [...plantedLinks(of)];
  for (let at = 0; at < links.length; at += 1_000) {
    await database.changeLinks(links.slice(at, at + 1_000), receiptRow(`links ${at}`));
  }
  await addRun(database, 'earlier');
  const lease = await database.matches.claimRun('earlier', 60_000);
  if (lease === undefined) throw new Error('it is taken');
  const none = { ids: [], ends: [] };
  const empty = { items: [], links: none, candidates: [], progress: '{}', problem: '' };
  await database.matches.storeStep(lease, { ...empty, state: 'ready', leaseMs: 0 });
  const change = { ...lease, decisions: 0, targets: TARGETS, links: none, candidates: [] };
  await database.matches.decide({ ...change, refusals: plantedRefusals(of) });
}

/** Expects the situation of every profile; counts the candidates that are unique. */
export async function expectSituations({ matches }: StateDatabase, of: number): Promise<number> {
  let [profiles, unique, after] = [0, 0, ''];
  for (;;) {
    const page = await matches.candidates(RUN, { after, max: 500 });
    const items = await matches.itemsOf(
      RUN,
      page.map(({ key }) => key),
      5,
    );
    const situations = new Map(page.map(({ key, situation }) => [key, situation]));
    for (const { key, upstreamId } of items) {
      expect([upstreamId, situations.get(key)]).toEqual([
        upstreamId,
        expectedSituation(upstreamId),
      ]);
      profiles += 1;
    }
    unique += page.filter(({ situation }) => situation === 'unique').length;
    after = page.at(-1)?.key ?? after;
    if (page.length < 500) break;
  }
  const listed = TARGETS.map((target) => bigPageCount(of, target));
  expect(profiles).toBe((listed[0] ?? 0) + (listed[1] ?? 0));
  return unique;
}

function bigPageCount(of: number, target: string): number {
  let [amount, cursor]: [number, string | undefined] = [0, '0'];
  while (cursor !== undefined) {
    const page = bigPage(of, target, cursor);
    amount += page.items.length;
    cursor = page.cursor;
  }
  return amount;
}

/** Confirms all candidates that are unique; returns how many. */
export async function confirmAll(database: StateDatabase): Promise<number> {
  const overlay = createLinkOverlay();
  const follower = createLinkFollower(database, overlay);
  const links = overlay.over(undefined);
  const ports = {
    ...{ store: database.matches, linkChanges: database.linkChanges },
    ...{ follow: follower.follow, links: () => links },
  } as unknown as MatchingPorts;
  let [confirmed, after] = [0, ''];
  for (;;) {
    const query = { after, max: 1_000, situation: 'unique' } as const;
    const keys = (await database.matches.candidates(RUN, query)).map(({ key }) => key);
    if (keys.length === 0) return confirmed;
    after = keys.at(-1) ?? after;
    const choices = keys.map((candidate) => ({ candidate }));
    const receipts = { make: () => receiptRow(crypto.randomUUID()), stored: () => {} };
    const done = await confirmChoices(ports, RUN, choices, receipts);
    if (!done.ok) throw new Error(done.fault.detail);
    expect(done.value.skipped).toEqual([]);
    confirmed += done.value.decided.length;
  }
}

/** Expects that every link is a right one; counts those that confirm a candidate. */
export async function expectLinks(database: StateDatabase): Promise<number> {
  let [amount, after] = [0, ''];
  for (;;) {
    const page = await database.links({ after, max: 1_000 });
    for (const { id, targets = {} } of page) {
      const { acme = '', far = '' } = targets;
      if (far.startsWith('b-of-another') || caseOf(numberOf(acme)) === 'linked') continue;
      const n = numberOf(acme);
      expect([acme, far, caseOf(n)]).toEqual([`a${n}-0`, `b${n}-0`, 'unique']);
      expect(id).toBe(n % 100 === 0 ? `emp-${n}` : acme);
      amount += 1;
    }
    after = page.at(-1)?.id ?? after;
    if (page.length < 1_000) return amount;
  }
}
