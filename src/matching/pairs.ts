import type { LinkedMatchItem, MatchPair } from '../state/matches/match-rows.ts';
import type { MatchStore } from '../state/matches/match-store.ts';
import type { ReadyRun } from './catch-up.ts';
import { targetsOf } from './match-spec.ts';

/** A candidate that an operator decides about. */
export type MatchChoice = {
  /** Key of the candidate. */
  readonly candidate: string;
  /** The pair that is meant, where there are several. */
  readonly upstreamIds?: MatchPair | undefined;
  /** Id of the new link, in place of the one that the run has found. */
  readonly id?: string | undefined;
};

/** Reasons for which a choice changes nothing. */
export const SKIP_REASONS = [
  'not_found',
  'pair_needed',
  'already_linked',
  'refused',
  'two_links',
  'no_id',
  'invalid_id',
  'id_taken',
] as const;
export type SkipReason = (typeof SKIP_REASONS)[number];

export type Skipped = { readonly candidate: string; readonly reason: SkipReason };

/** A pair that an operator decides about. */
export type ChosenPair = {
  readonly key: string;
  readonly pair: MatchPair;
  readonly first: LinkedMatchItem;
  readonly second: LinkedMatchItem;
  /** True where no other profile has the key. */
  readonly isAlone: boolean;
  /** Id of the new link, where the operator has named one. */
  readonly id: string | undefined;
};

export type ChosenPairs = {
  readonly pairs: readonly ChosenPair[];
  readonly skipped: readonly Skipped[];
};

/** Finds the profiles that choices mean. */
export async function choosePairs(
  store: MatchStore,
  run: ReadyRun,
  choices: readonly MatchChoice[],
): Promise<ChosenPairs> {
  const found = await itemsOfChoices(store, run.id, choices);
  const pairs: ChosenPair[] = [];
  const skipped: Skipped[] = [];
  for (const choice of choices) {
    const chosen = choosePair(choice, found);
    if (typeof chosen !== 'string') pairs.push(chosen);
    else skipped.push({ candidate: choice.candidate, reason: chosen });
  }
  return withoutRefused(store, run, pairs, skipped);
}

type FoundItems = {
  readonly ofKey: ReadonlyMap<string, readonly LinkedMatchItem[]>;
  readonly atPlace: ReadonlyMap<string, LinkedMatchItem>;
};

/** One more than a pair has shows that a key stands at several profiles. */
const ITEMS_OF_SIDE = 2;

async function itemsOfChoices(
  store: MatchStore,
  run: string,
  choices: readonly MatchChoice[],
): Promise<FoundItems> {
  const keys = [...new Set(choices.map(({ candidate }) => candidate))];
  const items = await store.itemsOf(run, keys, ITEMS_OF_SIDE);
  const ofKey = Map.groupBy(items, ({ key }) => key);
  const places = choices.flatMap(({ upstreamIds }) =>
    upstreamIds === undefined
      ? []
      : ([
          { side: 0, upstreamId: upstreamIds[0] },
          { side: 1, upstreamId: upstreamIds[1] },
        ] as const),
  );
  const named = places.length === 0 ? [] : await store.itemsAt(run, places);
  return { ofKey, atPlace: new Map(named.map((item) => [placeInRun(item), item])) };
}

function choosePair(
  { candidate, id, upstreamIds }: MatchChoice,
  { atPlace, ofKey }: FoundItems,
): ChosenPair | SkipReason {
  const items = ofKey.get(candidate) ?? [];
  const isAlone = items.length === ITEMS_OF_SIDE && items[0]?.side !== items[1]?.side;
  if (upstreamIds === undefined && items.length > 0 && !isAlone) return 'pair_needed';
  const [first, second] =
    upstreamIds === undefined
      ? items
      : [
          atPlace.get(placeInRun({ side: 0, upstreamId: upstreamIds[0] })),
          atPlace.get(placeInRun({ side: 1, upstreamId: upstreamIds[1] })),
        ];
  if (first?.key !== candidate || second?.key !== candidate) return 'not_found';
  if (first.linkedTo !== undefined || second.linkedTo !== undefined) return 'already_linked';
  const pair = [first.upstreamId, second.upstreamId] as const;
  return { key: candidate, pair, first, second, isAlone, id };
}

async function withoutRefused(
  store: MatchStore,
  { spec }: ReadyRun,
  pairs: readonly ChosenPair[],
  skipped: readonly Skipped[],
): Promise<ChosenPairs> {
  const all = pairs.map(({ pair }) => pair);
  const refused = new Set(
    (await store.refusedPairs(targetsOf(spec), all)).map((pair) => JSON.stringify(pair)),
  );
  const isRefused = ({ pair }: ChosenPair): boolean => refused.has(JSON.stringify(pair));
  const left = pairs.filter(isRefused);
  return {
    pairs: pairs.filter((pair) => !isRefused(pair)),
    skipped: [
      ...skipped,
      ...left.map(({ key }): Skipped => ({ candidate: key, reason: 'refused' })),
    ],
  };
}

/** Names a profile among those of a run. */
export function placeInRun({
  side,
  upstreamId,
}: Pick<LinkedMatchItem, 'side' | 'upstreamId'>): string {
  return `${side} ${upstreamId}`;
}
