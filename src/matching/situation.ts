import type { MatchGroup, Situation } from '../state/matches/match-rows.ts';

/**
 * Returns the situation of the profiles that have one key. A profile has a partner where its link
 * names the other target as well. Only a key that stands at exactly one profile of each target,
 * both without a partner, is `unique`.
 */
export function situationOf({ first, refused, second }: MatchGroup): Situation {
  const pairs = first.free * second.free;
  if (first.all + second.all === 1) {
    if (first.free + second.free === 0) return 'already_linked';
    return first.all === 1 ? 'missing' : 'extra';
  }
  if (first.all === 1 && second.all === 1) {
    // Two links cannot become one: which id goes on is the operator's choice.
    const haveTwoLinks = first.linkId !== undefined && second.linkId !== undefined;
    if (pairs === 0 || haveTwoLinks) return 'already_linked';
    return refused > 0 ? 'refused' : 'unique';
  }
  if (first.free + second.free === 0) return 'already_linked';
  if (pairs === 0) return 'duplicate_key';
  if (refused >= pairs) return 'refused';
  return first.all === 1 || second.all === 1 ? 'ambiguous' : 'duplicate_key';
}
