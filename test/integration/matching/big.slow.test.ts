import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { confirmChoices } from '../../../src/matching/decide.ts';
import { FIRST_PROGRESS, matchSpecOf } from '../../../src/matching/match-spec.ts';
import type { MatchingPorts } from '../../../src/matching/matching-ports.ts';
import { openSqliteDatabase } from '../../../src/node/state/sqlite/database.ts';
import { createLinkOverlay } from '../../../src/routing/link-overlay.ts';
import { createLinkFollower } from '../../../src/state/control/link-follower.ts';
import type { StateDatabase } from '../../../src/state/state-database.ts';
import { inFolder } from '../../state/sqlite-folder.ts';
import { receiptRow } from '../../state/suite/store.ts';
import { count } from '../../support/counts.ts';
import {
  bigPage,
  caseOf,
  expectedSituation,
  numberOf,
  plantedLinks,
  plantedRefusals,
  TARGETS,
} from './big-lists.ts';

const OF = count(10_000, 100_000);
/** The whole process, in which Node itself takes some 60 MiB. */
const MEMORY_MIB_MAX = 300;
const RUN = 'big';
const run = promisify(execFile);

const SPEC = matchSpecOf({
  targets: [...TARGETS],
  keys: [{ pointer: '/name' }],
  requestsPerSecond: 50,
});

async function addRun({ matches }: StateDatabase, id: string): Promise<void> {
  const texts = { spec: JSON.stringify(SPEC), progress: JSON.stringify(FIRST_PROGRESS) };
  await matches.addRun({ id, by: '', ...texts }, receiptRow(`start of ${id}`));
}

/** Links and refusals of an earlier time. */
async function plant(database: StateDatabase): Promise<void> {
  const links = [...plantedLinks(OF)];
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
  await database.matches.decide({ ...change, refusals: plantedRefusals(OF) });
}

/** Works on the run in another process; what it prints. */
async function work(path: string, stopAt = 0): Promise<{ pages: number; memoryMiB: number }> {
  const script = new URL('match-process.ts', import.meta.url).pathname;
  const args = [script, path, RUN, String(OF), String(stopAt)];
  const { stdout } = await run(process.execPath, args, { maxBuffer: 1024 * 1024 });
  return JSON.parse(stdout);
}

/** Expects the situation of every profile; counts the candidates that are unique. */
async function expectSituations({ matches }: StateDatabase): Promise<number> {
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
  const listed = TARGETS.map((target) => bigPageCount(target));
  expect(profiles).toBe((listed[0] ?? 0) + (listed[1] ?? 0));
  return unique;
}

function bigPageCount(target: string): number {
  let [amount, cursor]: [number, string | undefined] = [0, '0'];
  while (cursor !== undefined) {
    const page = bigPage(OF, target, cursor);
    amount += page.items.length;
    cursor = page.cursor;
  }
  return amount;
}

/** Confirms all candidates that are unique; returns how many. */
async function confirmAll(database: StateDatabase): Promise<number> {
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
    const receipt = () => receiptRow(crypto.randomUUID());
    const done = await confirmChoices(ports, RUN, choices, receipt);
    if (!done.ok) throw new Error(done.fault.detail);
    expect(done.value.skipped).toEqual([]);
    confirmed += done.value.decided.length;
  }
}

/** Expects that every link is a right one; counts those that confirm a candidate. */
async function expectLinks(database: StateDatabase): Promise<number> {
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

test(
  `${OF} cases: every situation is right, and no link is wrong, after a stop in the middle`,
  inFolder(async (folder) => {
    const path = join(folder, 'state.db');
    const database = await openSqliteDatabase({ path, durability: 'process', timeoutMs: 2_000 });
    await plant(database);
    await addRun(database, RUN);
    const all = 2 * Math.ceil(OF / 500);
    const first = await work(path, Math.round(all * 0.7));
    expect((await database.matches.run(RUN))?.state).toBe('running');
    const second = await work(path);
    expect((await database.matches.run(RUN))?.state).toBe('ready');
    expect(first.pages + second.pages).toBeLessThanOrEqual(all + 2 + Math.ceil(all * 0.1));
    process.stdout.write(`memory: ${first.memoryMiB} and ${second.memoryMiB} MiB\n`);
    expect(Math.max(first.memoryMiB, second.memoryMiB)).toBeLessThan(MEMORY_MIB_MAX);

    const unique = await expectSituations(database);
    expect(unique).toBe(OF * 0.8);
    expect(await confirmAll(database)).toBe(unique);
    expect(await expectLinks(database)).toBe(unique);
    await database.close();
  }),
  600_000,
);
