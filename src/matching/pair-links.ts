import { LINKS_OF_PROFILE_MAX } from '../limits.ts';
import { parseLinkLine } from '../routing/link-record.ts';
import { type Link, type Links, linkedIdsAt } from '../routing/links.ts';
import type { MatchConfirmation, MatchPair } from '../state/matches/match-rows.ts';
import type { ReadyRun } from './catch-up.ts';
import { targetsOf } from './match-spec.ts';
import type { MatchingPorts } from './matching-ports.ts';
import {
  type ChosenPair,
  type ChosenPairs,
  placeInRun,
  type Skipped,
  type SkipReason,
} from './pairs.ts';

type WantedPairLink = MatchConfirmation['links'][number];

/** Links that confirm pairs, in their order, and what cannot be linked. */
export type PairLinks = ChosenPairs & { readonly links: readonly WantedPairLink[] };

/**
 * Finds the link of each pair: the one that a profile of it has, which gets the other one, or a new
 * one. A link that leads elsewhere is never replaced.
 */
export async function linksOfPairs(
  { links, sleep }: Pick<MatchingPorts, 'links' | 'sleep'>,
  run: ReadyRun,
  { pairs: chosen, skipped: before }: ChosenPairs,
): Promise<PairLinks> {
  const current = links();
  const wanted: WantedPairLink[] = [];
  const pairs: ChosenPair[] = [];
  const skipped: Skipped[] = [...before];
  // Each profile and each id once, also where the choices name one twice.
  const used = new Set<string>();
  for (const pair of chosen) {
    const places = [placeInRun(pair.first), placeInRun(pair.second)];
    const isTaken =
      places.some((place) => used.has(place)) ||
      (await hasPartner(current, targetsOf(run.spec), pair, sleep));
    const id = isTaken ? 'already_linked' : idOfPair(pair);
    const link =
      typeof id === 'string' ? id : linkOfPair(run, pair, id, await current?.find(id.id));
    const reason = typeof link !== 'string' && used.has(linkNamed(link.id)) ? 'id_taken' : link;
    if (typeof reason === 'string') {
      skipped.push({ candidate: pair.key, reason });
    } else {
      for (const place of [...places, linkNamed(reason.id)]) used.add(place);
      wanted.push(reason);
      pairs.push(pair);
    }
  }
  return { links: wanted, pairs, skipped };
}

/**
 * Reports whether any link of a profile of the pair names the target of the other one. A run knows
 * one link of each profile, and none once that was removed, though others lead there.
 */
async function hasPartner(
  links: Links | undefined,
  [first, second]: MatchPair,
  { pair: [one, other] }: ChosenPair,
  sleep: MatchingPorts['sleep'],
): Promise<boolean> {
  if (links?.idsAt === undefined) return false;
  const ends = [
    { target: first, upstreamId: one, partner: second },
    { target: second, upstreamId: other, partner: first },
  ];
  for (const { partner, target, upstreamId } of ends) {
    const ids = await linkedIdsAt(links, target, upstreamId, sleep);
    // One of those that are not found may name it.
    if (ids.length > LINKS_OF_PROFILE_MAX) return true;
    for (const id of ids) {
      if ((await links.find(id))?.has(partner) === true) return true;
    }
  }
  return false;
}

const linkNamed = (id: string): string => `link ${id}`;

type IdOfPair = { readonly id: string; readonly isNew: boolean };

function idOfPair({ first, id: named, second }: ChosenPair): IdOfPair | SkipReason {
  const [one, other] = [first.linkId, second.linkId];
  if (one !== undefined && other !== undefined) return 'two_links';
  const existing = one ?? other;
  if (existing !== undefined) {
    return named === undefined || named === existing ? { id: existing, isNew: false } : 'id_taken';
  }
  const id = named ?? first.newLinkId;
  return id === '' ? 'no_id' : { id, isNew: true };
}

function linkOfPair(
  { spec }: ReadyRun,
  { pair }: ChosenPair,
  { id, isNew }: IdOfPair,
  known: Link | undefined,
): WantedPairLink | SkipReason {
  const [first, second] = targetsOf(spec);
  const fits = (target: string, upstreamId: string): boolean =>
    (known?.get(target) ?? upstreamId) === upstreamId;
  if (isNew === (known !== undefined) || !fits(first, pair[0]) || !fits(second, pair[1])) {
    return 'id_taken';
  }
  const targets = { ...Object.fromEntries(known ?? []), [first]: pair[0], [second]: pair[1] };
  const names = Object.keys(targets);
  const positions = new Map(names.map((name, position) => [name, position]));
  const read = parseLinkLine(JSON.stringify({ id, targets }), positions);
  return 'problem' in read ? 'invalid_id' : { id, targets };
}
