import type { LinkRow, LinkTargets } from '../state/control/control-rows.ts';
import type { MatchLink, MatchLinks, MatchPair } from '../state/matches/match-rows.ts';

/** Returns the profiles of two targets that a link leads to. */
export function endsOfLink(
  [first, second]: MatchPair,
  id: string,
  targets: LinkTargets,
): readonly MatchLink[] {
  const [one, other] = [targets[first], targets[second]];
  const ends: MatchLink[] = [];
  if (one !== undefined) ends.push({ side: 0, upstreamId: one, linkId: id, linkedTo: other });
  if (other !== undefined) ends.push({ side: 1, upstreamId: other, linkId: id, linkedTo: one });
  return ends;
}

/** Returns what was changed for two targets by links that the API has set or removed. */
export function changedLinks(targets: MatchPair, rows: readonly LinkRow[]): MatchLinks {
  return {
    ids: rows.map(({ id }) => id),
    ends: rows.flatMap((row) => endsOfLink(targets, row.id, row.targets ?? {})),
  };
}

export const NO_MATCH_LINKS: MatchLinks = { ids: [], ends: [] };
