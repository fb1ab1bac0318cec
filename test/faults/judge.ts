import { type JsonObject, ownObject, ownText } from '../../src/adapter-kit/index.ts';
import type { Case } from './cases.ts';
import { changedPaths, type Intent, intentsOf } from './intents.ts';
import { brokenPointers, listOf, lossesOf } from './pointers.ts';
import type { Run, Told } from './run-case.ts';
import type { Subject } from './subject.ts';
import type { Delivery } from './vendor.ts';

/** What a case showed, measured by the sandbox's own journal. */
export type Verdict = {
  readonly outcome: string;
  readonly reason: string | undefined;
  /** Claims that the journal contradicts, each as a sentence. */
  readonly wrong: readonly string[];
  /** Patches that took effect twice with another writer's change in between. */
  readonly double: number;
  /** Changes of others that the vendor's way of writing lost, where it cannot be helped. */
  readonly lost: number;
};

export function judgeRun(given: Case, run: Run): Verdict {
  const [first] = run.told;
  if (first === undefined) throw new Error('nobody was told anything');
  const wrong = run.told.flatMap((told) => [
    ...wrongClaims(given, run, told),
    ...brokenPointers(told.patch, told.body).map((text) => `${told.owner} was told: ${text}`),
    ...overwritten(given, run, told),
  ]);
  const collateral = strayChanges(given, run);
  const { double, late } = doubleEffects(given, run);
  return {
    outcome: outcomeOf(first),
    reason: ownText(first.body, 'reason'),
    wrong: [...wrong, ...collateral.wrong],
    double,
    lost: collateral.lost + late,
  };
}

export function outcomeOf({ body }: Told): string {
  return ownText(ownObject(body, 'write') ?? body, 'outcome') ?? 'none';
}

/** Reasons that make an `unknown` honest. */
const REASONS = [
  'read_back_failed',
  'conflicting_value',
  'not_comparable',
  'unproven',
  'queued',
  'retry_failed',
];

function wrongClaims(given: Case, run: Run, told: Told): string[] {
  const { subject } = given;
  const outcome = outcomeOf(told);
  const intents = intentsOf(subject, told.patch);
  // A value that is stored in the form it had before changes the vendor's own times alone.
  const effects = effectsOf(run, told).filter(
    ({ after, before }) => changedPaths(subject, before, after).length > 0,
  );
  const say = (text: string): string =>
    `${told.owner} was told ${outcome} (${told.status}): ${text}`;
  switch (outcome) {
    case 'applied':
      return claimedApplied(told, intents)
        .flatMap((intent) => notApplied(run, told, intent))
        .map(say);
    case 'noop':
      // The vendor says so of the second of two deliveries.
      return effects.length > 0 && !given.hits.some(({ fault }) => fault.isRepeated === true)
        ? [say('the profile was changed')]
        : claimedApplied(told, intents)
            .filter((i) => !wasHeld(run, told, i))
            .map((i) => say(`${i.pointer} does not hold`));
    case 'rejected':
      return effects.length > 0 ? [say('the profile was changed')] : [];
    case 'partial':
    case 'unknown': {
      const applied = listOf(told.body, 'applied');
      const refused = listOf(told.body, 'notApplied');
      return [
        ...intents
          .filter(({ pointer }) => applied.includes(pointer))
          .flatMap((intent) => notApplied(run, told, intent)),
        ...intents
          .filter((i) => refused.includes(i.pointer) && wasWritten(given, run, told, i))
          .filter((i) => outcome === 'unknown' || !wasRestored(given, run, told, i))
          .map((i) => `${i.pointer} was changed`),
        ...(outcome === 'unknown' && !REASONS.includes(ownText(told.body, 'reason') ?? '')
          ? ['no reason is named']
          : []),
      ].map(say);
    }
    default:
      return [say(JSON.stringify(told.body).slice(0, 300))];
  }
}

/** What a success claims: all but what it lists as not confirmed, or as left out. */
function claimedApplied({ body }: Told, intents: readonly Intent[]): Intent[] {
  const report = ownObject(body, 'write') ?? {};
  const others = [...listOf(report, 'unconfirmed'), ...lossesOf(body).dropped];
  return intents.filter(({ pointer }) => !others.includes(pointer));
}

/** Whether another client wrote a value of the patch: then nothing shows that ours is still to come. */
function wasAnticipated(subject: Subject, { journal }: Run, { patch }: Told): boolean {
  const intents = intentsOf(subject, patch);
  return journal.some(
    ({ after, before, by }) =>
      by === 'outside' && intents.some((i) => i.isHeld(after) && !i.isHeld(before)),
  );
}

/**
 * What was told as applied, and then undone by a request of an earlier call that came late: the
 * profile was in doubt, and must not have been written.
 */
function overwritten({ subject }: Case, run: Run, told: Told): string[] {
  const outcome = outcomeOf(told);
  const intents = intentsOf(subject, told.patch);
  const isClaimed = ({ pointer }: Intent): boolean =>
    outcome === 'applied' || outcome === 'noop' || listOf(told.body, 'applied').includes(pointer);
  const [first] = run.told;
  if (first === undefined || told === first || wasAnticipated(subject, run, first)) return [];
  const late = run.deliveries.filter(({ from, owner }) => owner !== told.owner && from >= told.to);
  return late
    .flatMap(({ from, to }) => run.journal.slice(from, to))
    .flatMap(({ after, before }) => intents.filter((i) => i.isHeld(before) && !i.isHeld(after)))
    .filter(isClaimed)
    .map(({ pointer }) => `${pointer} of the ${told.owner} was undone by an earlier request`);
}

/** The states of the profile from the call to its answer. */
function statesOf({ before, journal }: Run, { from, to }: Told): JsonObject[] {
  const first = from === 0 ? before : (journal[from - 1]?.after ?? before);
  return [first, ...journal.slice(from, to).map((change) => change.after)];
}

function wasHeld(run: Run, told: Told, intent: Intent): boolean {
  return statesOf(run, told).some(intent.isHeld);
}

/** Applied means: held at some moment of the call, and undone by nobody but another writer. */
function notApplied(run: Run, told: Told, intent: Intent): string[] {
  const states = statesOf(run, told);
  if (!states.some(intent.isHeld)) return [`${intent.pointer} was never stored`];
  const last = states.at(-1);
  if (last !== undefined && intent.isHeld(last)) return [];
  const undone = states.findLastIndex((state, i) => i > 0 && intent.isHeld(states[i - 1] ?? state));
  return run.journal[told.from + undone - 1]?.by === 'outside'
    ? []
    : [`${intent.pointer} was undone by the gateway itself`];
}

/** Whether a request of this caller's changed what the intent is about, to whatever value. */
function wasWritten({ subject }: Case, run: Run, told: Told, { path }: Intent): boolean {
  if (isComputed(subject, path)) return false;
  return effectsOf(run, told).some(({ after, before }) => isChanged(subject, path, before, after));
}

function isChanged(subject: Subject, path: string, before: JsonObject, after: JsonObject): boolean {
  return changedPaths(subject, before, after).some((changed) => covers(path, changed));
}

/**
 * Whether another client brought back what the member was when the caller asked: then a read shows
 * the profile as it was before, which counts as proof (decision 0014). An `unknown` end has seen
 * that another client wrote, and may claim nothing from it.
 */
function wasRestored({ subject }: Case, run: Run, told: Told, { path }: Intent): boolean {
  const states = statesOf(run, told);
  const [first] = states;
  const last = states.at(-1);
  if (first === undefined || last === undefined) return false;
  return (
    !isChanged(subject, path, first, last) &&
    run.journal
      .slice(told.from, told.to)
      .some(({ after, before, by }) => by === 'outside' && isChanged(subject, path, before, after))
  );
}

/** Whether the vendor changes a member by itself when others change. */
function isComputed({ vendor }: Subject, path: string): boolean {
  return vendor === 'nerm' && path === 'name';
}

/** Effective changes by requests of the call, also by those that arrived after its answer. */
function effectsOf({ deliveries, journal, told: all }: Run, told: Told) {
  const isLast = all.findLast(({ owner }) => owner === told.owner) === told;
  return deliveries
    .filter(({ owner }) => owner === told.owner)
    .filter(
      ({ from }) => from >= told.from && (isLast || from < told.to || told.owner === all[0]?.owner),
    )
    .flatMap(({ from, to }) => journal.slice(from, to));
}

/**
 * Two effects of one request of one call, with a change of somebody else between them: how many
 * there were, and how many more because the first request came after the second, which nothing
 * but the vendor can prevent.
 */
function doubleEffects({ subject }: Case, run: Run) {
  const { deliveries, journal, told } = run;
  const isAnticipated = told.slice(0, 1).some((first) => wasAnticipated(subject, run, first));
  const effective = deliveries.filter(({ from, to }) => journal.slice(from, to).length > 0);
  const counts = { double: 0, late: 0 };
  for (const [at, again] of effective.entries()) {
    const same = effective
      .slice(0, at)
      .find((e) => e.owner === again.owner && e.method === again.method && e.path === again.path);
    if (same === undefined || isOfLaterCall(run, same, again)) continue;
    const between = journal.slice(same.to, again.from);
    const own = effective.filter((e) => e.owner === again.owner);
    const byOthers = between.filter(
      (_, i) => !own.some((e) => e.from <= same.to + i && same.to + i < e.to),
    );
    if (!byOthers.some((c) => changedPaths(subject, c.before, c.after).length > 0)) continue;
    const isOvertaken = again.sentAt <= same.sentAt && byOthers.every(({ by }) => by === 'outside');
    counts[isOvertaken || isAnticipated ? 'late' : 'double'] += 1;
  }
  return counts;
}

/** Whether a caller sent `again` by a call of its own, after the answer to the call of `same`. */
function isOfLaterCall({ deliveries, told }: Run, same: Delivery, again: Delivery): boolean {
  const own = deliveries.filter(({ owner }) => owner === again.owner);
  return told.some(
    ({ owner, to }) =>
      owner === again.owner &&
      same.from < to &&
      to <= again.from &&
      own.every(({ from, sentAt }) => from >= to || sentAt < again.sentAt),
  );
}

/** Changes by our requests to members that their patch does not name. */
function strayChanges(given: Case, run: Run): { wrong: string[]; lost: number } {
  const { subject } = given;
  const wrong: string[] = [];
  let lost = 0;
  for (const delivery of run.deliveries) {
    const patches = run.told.filter(({ owner }) => owner === delivery.owner).map((t) => t.patch);
    const paths = patches.flatMap((patch) => intentsOf(subject, patch)).map(({ path }) => path);
    const stray = run.journal
      .slice(delivery.from, delivery.to)
      .flatMap(({ after, before }) => changedPaths(subject, before, after))
      .filter((path) => !paths.some((known) => covers(known, path)))
      .filter((path) => !isComputed(subject, path));
    if (stray.length === 0) continue;
    const readAt = run.deliveries
      .slice(0, delivery.sentAt)
      .findLast(({ method, owner }) => method === 'GET' && owner === delivery.owner);
    const others = run.journal
      .slice(readAt?.to ?? 0, delivery.from)
      .filter(({ by }) => by === 'outside');
    // Lost between the last read and the write, which no gateway can prevent without the vendor.
    if (others.length > 0) lost += 1;
    else wrong.push(`${delivery.method} ${delivery.path} changed ${stray.join(', ')} as well`);
  }
  return { wrong, lost };
}

function covers(known: string, path: string): boolean {
  return path === known || path.startsWith(`${known}/`);
}
