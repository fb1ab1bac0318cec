import { fail, type Result, succeed } from '../adapter-kit/index.ts';
import type { ReceiptRow } from '../state/control/receipt-row.ts';
import type { MatchCandidate, MatchDecision } from '../state/matches/match-rows.ts';
import {
  catchUp,
  compareLeft,
  decisionAbout,
  matchNotReady,
  progressWithLeft,
  type ReadyRun,
  readyRun,
} from './catch-up.ts';
import { MATCH_ATTEMPTS_MAX, MATCH_DECISIONS_PER_STEP } from './match-limits.ts';
import { endsOfLink } from './match-links.ts';
import { targetsOf } from './match-spec.ts';
import type { MatchingPorts } from './matching-ports.ts';
import { linksOfPairs } from './pair-links.ts';
import { type ChosenPair, choosePairs, type MatchChoice, type Skipped } from './pairs.ts';

export type Decided = {
  /** Pairs that were confirmed or refused. */
  readonly decided: readonly ChosenPair[];
  readonly skipped: readonly Skipped[];
  /** Version of the links since which it holds, where any was set. */
  readonly linksVersion?: number;
};

/** Receipts of the steps. */
export type StepReceipts = {
  /** Makes that of one step: of so many links that are set, or pairs that are refused. */
  readonly make: (amount: number) => ReceiptRow;
  /** Called once a step is stored, with its receipt. */
  readonly stored: (receipt: ReceiptRow) => void;
};

/** Confirms candidates: links their profiles, in steps of which each is stored as a whole. */
export function confirmChoices(
  ports: MatchingPorts,
  id: string,
  choices: readonly MatchChoice[],
  receipts: StepReceipts,
): Promise<Result<Decided>> {
  return inSteps(choices, (some) => confirmStep(ports, id, some, receipts));
}

/** Refuses candidates: their pairs are never confirmed by a run, also not by a later one. */
export function refuseChoices(
  ports: MatchingPorts,
  id: string,
  choices: readonly MatchChoice[],
  receipts: StepReceipts,
): Promise<Result<Decided>> {
  return inSteps(choices, (some) => refuseStep(ports, id, some, receipts));
}

async function inSteps(
  choices: readonly MatchChoice[],
  decideSome: (some: readonly MatchChoice[]) => Promise<Result<Decided>>,
): Promise<Result<Decided>> {
  let all: Decided = { decided: [], skipped: [] };
  for (let start = 0; start < choices.length; start += MATCH_DECISIONS_PER_STEP) {
    const step = await decideSome(choices.slice(start, start + MATCH_DECISIONS_PER_STEP));
    if (!step.ok) return step;
    all = {
      ...all,
      ...step.value,
      decided: [...all.decided, ...step.value.decided],
      skipped: [...all.skipped, ...step.value.skipped],
    };
  }
  return succeed(all);
}

async function confirmStep(
  ports: MatchingPorts,
  id: string,
  choices: readonly MatchChoice[],
  receipts: StepReceipts,
): Promise<Result<Decided>> {
  for (let attempt = 1; attempt <= MATCH_ATTEMPTS_MAX; attempt += 1) {
    const caught = await catchUp(ports, id);
    if (!caught.ok) return caught;
    const { linksVersion, run } = caught.value;
    await ports.follow();
    // Links are looked up here by their ids, and must be those that the run knows.
    if (ports.links()?.changes?.version() !== linksVersion) continue;
    const chosen = await choosePairs(ports.store, run, choices);
    const { links, pairs, skipped } = await linksOfPairs(ports, run, chosen);
    if (pairs.length === 0) return succeed({ decided: [], skipped });
    const targets = targetsOf(run.spec);
    const ends = links.flatMap((link) => endsOfLink(targets, link.id, link.targets));
    const decision = {
      ...decisionOn(run, pairs),
      links: { ids: links.map((link) => link.id), ends },
      candidates: pairs.filter(({ isAlone }) => isAlone).map(decidedAs('already_linked')),
    };
    const confirmation = { links, linksVersion, pairs: pairs.map(({ pair }) => pair) };
    const receipt = receipts.make(links.length);
    const version = await ports.store.confirm(decision, confirmation, receipt);
    if (version === undefined) continue;
    receipts.stored(receipt);
    await compareOthers(ports.store, id);
    return succeed({ decided: pairs, skipped, linksVersion: version });
  }
  return fail(matchNotReady('Links are changed by others all the time: try again.'));
}

async function refuseStep(
  { store }: MatchingPorts,
  id: string,
  choices: readonly MatchChoice[],
  receipts: StepReceipts,
): Promise<Result<Decided>> {
  for (let attempt = 1; attempt <= MATCH_ATTEMPTS_MAX; attempt += 1) {
    const ready = await readyRun({ store }, id);
    if (!ready.ok) return ready;
    const run = ready.value;
    const { pairs, skipped } = await choosePairs(store, run, choices);
    if (pairs.length === 0) return succeed({ decided: [], skipped });
    const decision = {
      ...decisionOn(run, pairs),
      refusals: pairs.map(({ pair }) => pair),
      candidates: pairs.filter(({ isAlone }) => isAlone).map(decidedAs('refused')),
    };
    const receipt = receipts.make(pairs.length);
    if (!(await store.decide(decision, receipt))) continue;
    receipts.stored(receipt);
    await compareOthers(store, id);
    return succeed({ decided: pairs, skipped });
  }
  return fail(matchNotReady('The match run is changed by others all the time: try again.'));
}

/** Returns a decision about a run after which the other pairs of its groups are to be compared. */
function decisionOn(run: ReadyRun, pairs: readonly ChosenPair[]): MatchDecision {
  const keys = pairs.filter(({ isAlone }) => !isAlone).map(({ key }) => key);
  return { ...decisionAbout(run), progress: progressWithLeft(run.progress, keys) };
}

/** Compares what is left where a pair of several was decided about; else the next decision does. */
async function compareOthers(store: MatchingPorts['store'], id: string): Promise<void> {
  for (let attempt = 1; attempt <= MATCH_ATTEMPTS_MAX; attempt += 1) {
    const run = await readyRun({ store }, id);
    if (!run.ok || run.value.progress.uncompared === undefined) return;
    if (await compareLeft(store, run.value)) return;
  }
}

const decidedAs =
  (situation: MatchCandidate['situation']) =>
  ({ key }: ChosenPair): MatchCandidate => ({ key, situation });
