import type { Fault, Result } from '../adapter-kit/index.ts';
import { END_WAIT_MS_MAX } from '../limits.ts';
import type { MatchLease, MatchState } from '../state/matches/match-rows.ts';
import { readApiLinks, readFileLinks } from './link-step.ts';
import { listStep } from './list-step.ts';
import {
  MATCH_ATTEMPTS_MAX,
  MATCH_LEASE_MS,
  MATCH_REMOVALS_MAX,
  MATCH_RETRY_MS,
  MATCH_RETRY_MS_MAX,
  MATCH_ROWS_PER_STEP,
  MATCH_RUNS_MAX,
  MATCHES_AT_ONCE_MAX,
} from './match-limits.ts';
import { NO_MATCH_LINKS } from './match-links.ts';
import { FIRST_PROGRESS, type MatchProgress, type ReadRun, readRun } from './match-spec.ts';
import type { MatchingPorts } from './matching-ports.ts';
import { withRetries } from './retries.ts';
import { compareStep, type StepDone } from './run-step.ts';

/** The match runs that this process works on. */
export type MatchRunner = {
  /** False while the process works on as many runs as it may. */
  readonly hasRoom: () => boolean;
  /** Begins to work on a run that this process has claimed. */
  readonly start: (lease: MatchLease) => void;
  /** Gives back the runs after their steps under way, and waits for that. */
  readonly close: () => Promise<void>;
};

/** Creates a runner; `onError` gets what is a fault of this program. */
export function createMatchRunner(
  ports: MatchingPorts,
  onError: (error: unknown) => void,
): MatchRunner {
  const running = new Set<Promise<void>>();
  const closing = Promise.withResolvers<void>();
  let isClosing = false;
  let removing = Promise.resolve();
  const removeLater = (): void => {
    removing = removing.then(() => removeOldRuns(own, () => isClosing)).catch(onError);
  };
  // A wait ends when the process stops.
  const own: MatchingPorts = {
    ...ports,
    sleep: (ms) => Promise.race([ports.sleep(ms), closing.promise]),
  };
  return {
    hasRoom: () => running.size < MATCHES_AT_ONCE_MAX && !isClosing,
    start: (lease) => {
      const work = runMatch(own, lease, () => isClosing)
        .catch(onError)
        .finally(() => {
          running.delete(work);
          // Not before: the lease would run out meanwhile.
          removeLater();
        });
      running.add(work);
    },
    close: async () => {
      isClosing = true;
      closing.resolve();
      // A run whose step takes longer is free for others once its lease is over.
      const done = Promise.all(running).then(() => removing);
      await Promise.race([done, ports.sleep(END_WAIT_MS_MAX)]);
    },
  };
}

/** Removes what is left of earlier runs, of the last ones as far as there is time for it. */
async function removeOldRuns(
  { store }: Pick<MatchingPorts, 'store'>,
  isClosing: () => boolean,
): Promise<void> {
  if (isClosing()) return;
  let steps = 0;
  const isOver = (): boolean => isClosing() || steps >= MATCH_REMOVALS_MAX;
  for (const id of await store.runsToRemove(MATCH_RUNS_MAX)) {
    while (!isOver() && (await store.removeRun(id, MATCH_ROWS_PER_STEP)) > 0) steps += 1;
  }
}

type LeasedRun = ReadRun<MatchLease>;

/**
 * Works on a run until it is ready, stopped or failed, or the lease is over. Progress is stored
 * with each step, so that whoever claims the run next goes on from there.
 */
export async function runMatch(
  ports: MatchingPorts,
  lease: MatchLease,
  isClosing: () => boolean,
): Promise<void> {
  const stored = await withRetries(ports, () => ports.store.run(lease.id));
  if (stored === undefined) return;
  const { spec, progress } = readRun(stored);
  let run: LeasedRun = { ...lease, spec, progress: begun(progress) };

  const store = async (done: StepDone, state: MatchState = 'running', problem = '') => {
    const { progress: next, ...rows } = done;
    const isOver = state !== 'running' || isClosing();
    const step = { items: [], links: NO_MATCH_LINKS, candidates: [], ...rows, state, problem };
    const written = { ...step, progress: JSON.stringify(next) };
    const isStored = await withRetries(ports, () =>
      ports.store.storeStep(lease, { ...written, leaseMs: isOver ? 0 : MATCH_LEASE_MS }),
    );
    run = { ...run, progress: next };
    return isStored && !isOver;
  };

  const pace = createPace(ports, spec.requestsPerSecond);
  for (let failures = 0; ; ) {
    if (isClosing() && !(await store({ progress: run.progress }))) return;
    const step = await nextStep(ports, run, pace, store);
    if (step === 'over') return;
    if (step.ok) {
      failures = 0;
      const state = step.value.progress.phase === 'done' ? 'ready' : 'running';
      if (!(await store(step.value, state))) return;
      continue;
    }
    failures += 1;
    const isFinal = !PASSING_FAULTS.includes(step.fault.code) || failures >= MATCH_ATTEMPTS_MAX;
    const state = isFinal ? 'failed' : 'running';
    if (!(await store({ progress: run.progress }, state, problemText(step.fault)))) return;
    await ports.sleep(retryMs(failures, step.fault));
  }
}

/** Codes of faults that pass by themselves. */
const PASSING_FAULTS: readonly Fault['code'][] = [
  'target_unavailable',
  'target_rate_limited',
  'target_timeout',
  'overloaded',
  'state_unavailable',
];

/** A run that was ready is compared anew, by the links of now. */
function begun(progress: MatchProgress): MatchProgress {
  return progress.phase === 'done' ? { ...progress, phase: 'read_links' } : progress;
}

async function nextStep(
  ports: MatchingPorts,
  run: LeasedRun,
  pace: () => Promise<void>,
  store: (done: StepDone) => Promise<boolean>,
): Promise<Result<StepDone> | 'over'> {
  switch (run.progress.phase) {
    case 'list_first':
    case 'list_second':
      await pace();
      return listStep(ports, run, run.progress.phase === 'list_first' ? 0 : 1);
    case 'read_links': {
      const linksFile = await readFileLinks(ports, run, run, store);
      if (linksFile === undefined) return 'over';
      const progress = { ...run.progress, linkPlace: FIRST_PROGRESS.linkPlace, linksFile };
      return readAllApiLinks(ports, { ...run, progress }, store);
    }
    case 'compare':
    case 'done':
      return withRetries(ports, () => compareStep(ports, run));
  }
}

/** Reads the links of the API to their end; each page but the last is stored at once. */
async function readAllApiLinks(
  ports: MatchingPorts,
  run: LeasedRun,
  store: (done: StepDone) => Promise<boolean>,
): Promise<Result<StepDone> | 'over'> {
  let { progress } = run;
  for (;;) {
    const step = await withRetries(ports, () => readApiLinks(ports, { ...run, progress }));
    if (!step.ok || step.value.progress.phase !== 'read_links') return step;
    progress = step.value.progress;
    if (!(await store(step.value))) return 'over';
  }
}

/** Returns a function that waits until the next request may be sent. */
function createPace(
  { monotonicMs, sleep }: Pick<MatchingPorts, 'monotonicMs' | 'sleep'>,
  requestsPerSecond: number,
): () => Promise<void> {
  let nextMs = Number.NEGATIVE_INFINITY;
  return async () => {
    const waitMs = nextMs - monotonicMs();
    if (waitMs > 0) await sleep(waitMs);
    nextMs = Math.max(monotonicMs(), nextMs) + 1_000 / requestsPerSecond;
  };
}

function retryMs(failures: number, { retryAfterSeconds = 0 }: Fault): number {
  const backoffMs = MATCH_RETRY_MS * 2 ** (failures - 1);
  return Math.min(Math.max(backoffMs, retryAfterSeconds * 1_000), MATCH_RETRY_MS_MAX);
}

function problemText({ code, detail }: Fault): string {
  return `${code}: ${detail}`;
}
