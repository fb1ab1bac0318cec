import { isList, type JsonObject, own, ownObject, ownText } from '../../src/adapter-kit/index.ts';
import type { Case } from './cases.ts';
import { changedPaths, type Intent, intentsOf } from './intents.ts';
import type { Run, Told } from './run-case.ts';

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
  const wrong = run.told.flatMap((told) => wrongClaims(given, run, told));
  const collateral = strayChanges(given, run);
  return {
    outcome: outcomeOf(first),
    reason: ownText(first.body, 'reason'),
    wrong: [...wrong, ...collateral.wrong],
    double: doubleEffects(given, run),
    lost: collateral.lost,
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
  const effects = effectsOf(run, told);
  const say = (text: string): string =>
    `${told.owner} was told ${outcome} (${told.status}): ${text}`;
  switch (outcome) {
    case 'applied':
      return claimedApplied(told, intents)
        .flatMap((intent) => notApplied(run, told, intent))
        .map(say);
    case 'noop':
      return effects.length > 0
        ? [say('the profile was changed')]
        : intents
            .filter((i) => !wasHeld(run, told, i))
            .map((i) => say(`${i.pointer} does not hold`));
    case 'rejected':
      return effects.length > 0 ? [say('the profile was changed')] : [];
    case 'partial':
    case 'unknown': {
      const applied = intents.filter(({ pointer }) => names(told.body, 'applied', pointer));
      const refused = intents.filter(({ pointer }) => names(told.body, 'notApplied', pointer));
      const untold = intents.filter(({ pointer }) => names(told.body, 'unconfirmed', pointer));
      const named = applied.length + refused.length + untold.length;
      return [
        ...applied.flatMap((intent) => notApplied(run, told, intent)),
        ...refused.filter((i) => becameHeld(run, told, i)).map((i) => `${i.pointer} was changed`),
        ...(outcome === 'partial' && named !== intents.length ? ['a member is in no list'] : []),
        ...(outcome === 'unknown' && !REASONS.includes(ownText(told.body, 'reason') ?? '')
          ? ['no reason is named']
          : []),
      ].map(say);
    }
    default:
      return [say(JSON.stringify(told.body).slice(0, 300))];
  }
}

/** What the answer claims beyond what it lists as not confirmed. */
function claimedApplied({ body }: Told, intents: readonly Intent[]): Intent[] {
  const report = ownObject(body, 'write') ?? {};
  return intents.filter(({ pointer }) => !names(report, 'unconfirmed', pointer));
}

function names(object: JsonObject, member: string, pointer: string): boolean {
  const list = own(object, member);
  return isList(list) && list.includes(pointer);
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

/** Whether a request of this caller's brought the value. */
function becameHeld(run: Run, told: Told, intent: Intent): boolean {
  return effectsOf(run, told).some(
    ({ after, before }) => intent.isHeld(after) && !intent.isHeld(before),
  );
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

/** Two effects of one request of one call, with a change of somebody else between them. */
function doubleEffects({ subject }: Case, { deliveries, journal }: Run): number {
  const effective = deliveries.filter(({ from, to }) => journal.slice(from, to).length > 0);
  let count = 0;
  for (const [at, again] of effective.entries()) {
    const same = effective
      .slice(0, at)
      .find((e) => e.owner === again.owner && e.method === again.method && e.path === again.path);
    if (same === undefined) continue;
    const between = journal.slice(same.to, again.from);
    const own = effective.filter((e) => e.owner === again.owner);
    const byOthers = between.filter(
      (_, i) => !own.some((e) => e.from <= same.to + i && same.to + i < e.to),
    );
    if (byOthers.some((c) => changedPaths(subject, c.before, c.after).length > 0)) count += 1;
  }
  return count;
}

/** Changes by our requests to members that their patch does not name. */
function strayChanges(given: Case, run: Run): { wrong: string[]; lost: number } {
  const { subject } = given;
  const wrong: string[] = [];
  let lost = 0;
  for (const [at, delivery] of run.deliveries.entries()) {
    const patches = run.told.filter(({ owner }) => owner === delivery.owner).map((t) => t.patch);
    const paths = patches.flatMap((patch) => intentsOf(subject, patch)).map(({ path }) => path);
    const stray = run.journal
      .slice(delivery.from, delivery.to)
      .flatMap(({ after, before }) => changedPaths(subject, before, after))
      .filter((path) => !paths.some((known) => covers(known, path)))
      .filter((path) => !(subject.vendor === 'nerm' && path === 'name'));
    if (stray.length === 0) continue;
    const readAt = run.deliveries
      .slice(0, at)
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
