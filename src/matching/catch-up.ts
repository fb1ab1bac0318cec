import { type Fault, fail, ownFault, type Result, succeed } from '../adapter-kit/index.ts';
import { LINKS_PER_READ } from '../limits.ts';
import type { MatchCandidate, MatchDecision, MatchRun } from '../state/matches/match-rows.ts';
import { linksFileOf } from './link-step.ts';
import { MATCH_ATTEMPTS_MAX } from './match-limits.ts';
import { changedLinks, NO_MATCH_LINKS } from './match-links.ts';
import { type MatchProgress, type ReadRun, readRun, targetsOf } from './match-spec.ts';
import type { MatchingPorts } from './matching-ports.ts';
import { situationOf } from './situation.ts';

type CatchUpPorts = Pick<MatchingPorts, 'store' | 'linkChanges' | 'links'>;

/** A run that is ready, with its texts read. */
export type ReadyRun = ReadRun<Omit<MatchRun, 'spec' | 'progress'>>;

/** A run that knows the links of a version. */
export type CaughtUp = { readonly run: ReadyRun; readonly linksVersion: number };

/** Returns the fault of a run that cannot be decided about now. */
export function matchNotReady(detail: string): Fault {
  return ownFault('match_not_ready', detail);
}

/** Returns a run that is ready for decisions. */
export async function readyRun(
  { store }: Pick<MatchingPorts, 'store'>,
  id: string,
): Promise<Result<ReadyRun>> {
  const stored = await store.run(id);
  if (stored === undefined) return fail(ownFault('not_found', 'There is no such match run.'));
  if (stored.state !== 'ready') return fail(matchNotReady('The match run is not ready yet.'));
  return succeed(readRun(stored));
}

/**
 * Reads the links that were changed since a run knew all of them, so that it knows which of its
 * profiles have a partner now.
 */
export async function catchUp(ports: CatchUpPorts, id: string): Promise<Result<CaughtUp>> {
  for (let attempt = 1; attempt <= MATCH_ATTEMPTS_MAX; ) {
    const run = await readyRun(ports, id);
    if (!run.ok) return run;
    const { progress } = run.value;
    if (progress.linksFile !== linksFileOf(ports.links())) {
      return fail(matchNotReady('The file of links has changed since: resume the match run.'));
    }
    if (progress.uncompared !== undefined) {
      if (!(await compareLeft(ports.store, run.value))) attempt += 1;
      continue;
    }
    const { rows, version } = await ports.linkChanges(progress.linkPlace, LINKS_PER_READ);
    if (version < progress.linkPlace.version) {
      return fail(matchNotReady('The links are of an earlier time: resume the match run.'));
    }
    const last = rows.at(-1);
    if (last === undefined) return succeed({ run: run.value, linksVersion: version });
    const linkPlace = { version: last.version, id: last.id };
    const next = { ...progress, linkPlace, linksVersion: last.version };
    if (!(await noteLinks(ports, run.value, rows, next))) attempt += 1;
  }
  return fail(matchNotReady('The match run is changed by others: try again.'));
}

/** Stores what changed links lead to, and that the groups of it are to be compared. */
async function noteLinks(
  { store }: CatchUpPorts,
  run: ReadyRun,
  rows: Parameters<typeof changedLinks>[1],
  progress: MatchProgress,
): Promise<boolean> {
  const links = changedLinks(targetsOf(run.spec), rows);
  const keys = await store.keysOfLinks(run.id, links);
  const texts = { progress: progressWithLeft(progress, keys) };
  return await store.decide({ ...decisionAbout(run), links, ...texts });
}

/**
 * Returns the progress of a run, as JSON, with more groups to be compared. They are stored with
 * what changes them: what is compared afterwards may fail, or lose to another decision.
 */
export function progressWithLeft(progress: MatchProgress, keys: readonly string[]): string {
  const uncompared = [...new Set([...(progress.uncompared ?? []), ...keys])];
  return JSON.stringify(uncompared.length === 0 ? progress : { ...progress, uncompared });
}

/** Compares the groups that were left to be compared; false where the run has changed meanwhile. */
export async function compareLeft(store: MatchingPorts['store'], run: ReadyRun): Promise<boolean> {
  const { uncompared = [], ...progress } = run.progress;
  const candidates = await situationsOf(store, run, uncompared);
  const texts = { progress: JSON.stringify(progress) };
  return await store.decide({ ...decisionAbout(run), candidates, ...texts });
}

/** Returns a decision about a run that changes nothing. */
export function decisionAbout({ decisions, fence, id, spec }: ReadyRun): MatchDecision {
  const targets = targetsOf(spec);
  return { id, fence, decisions, targets, links: NO_MATCH_LINKS, candidates: [], refusals: [] };
}

/** Finds the situations of keys, as the state has their profiles now. */
async function situationsOf(
  store: MatchingPorts['store'],
  { id, spec }: ReadyRun,
  keys: readonly string[],
): Promise<readonly MatchCandidate[]> {
  if (keys.length === 0) return [];
  const groups = await store.groupsOf(id, targetsOf(spec), keys);
  return groups.map((group) => ({ key: group.key, situation: situationOf(group) }));
}
