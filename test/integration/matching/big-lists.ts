import type { MatchPage } from '../../../src/matching/matching-ports.ts';
import type { LinkTargets } from '../../../src/state/control/control-rows.ts';
import type { MatchPair, Situation } from '../../../src/state/matches/match-rows.ts';

/** Two targets whose profiles are made when they are listed: each of `of` numbers is a case. */

export const TARGETS = ['acme', 'far'] as const;
const PAGE_ITEMS = 500;
const CASES = 100;

/** Cases by the last two digits of a number, each up to this one. */
const CASE_ENDS = [
  [79, 'unique'],
  [82, 'ambiguous_second'],
  [84, 'ambiguous_first'],
  [86, 'duplicate_first'],
  [88, 'duplicate_both'],
  [91, 'missing'],
  [94, 'extra'],
  [96, 'linked'],
  [97, 'refused'],
  [98, 'linked_elsewhere'],
  [99, 'no_key'],
] as const;
type Case = (typeof CASE_ENDS)[number][1];

/** Profiles at the first and the second target, and their situation. */
const SHAPES: Readonly<Record<Case, readonly [number, number, Situation]>> = {
  unique: [1, 1, 'unique'],
  ambiguous_second: [1, 2, 'ambiguous'],
  ambiguous_first: [2, 1, 'ambiguous'],
  duplicate_first: [2, 0, 'duplicate_key'],
  duplicate_both: [2, 2, 'duplicate_key'],
  missing: [1, 0, 'missing'],
  extra: [0, 1, 'extra'],
  linked: [1, 1, 'already_linked'],
  refused: [1, 1, 'refused'],
  linked_elsewhere: [1, 1, 'already_linked'],
  no_key: [1, 0, 'missing'],
};

export function caseOf(n: number): Case {
  return CASE_ENDS.find(([end]) => n % CASES <= end)?.[1] ?? 'no_key';
}

/** The situation of a profile, by its upstream id. */
export function expectedSituation(upstreamId: string): Situation {
  return SHAPES[caseOf(numberOf(upstreamId))][2];
}

/** The number of the case that a profile is of. */
export function numberOf(upstreamId: string): number {
  return Number(upstreamId.slice(1).split('-')[0]);
}

/** Upstream ids of a number at a side. */
function idsAt(side: 0 | 1, n: number): string[] {
  const letter = side === 0 ? 'a' : 'b';
  return Array.from({ length: SHAPES[caseOf(n)][side] }, (_, copy) => `${letter}${n}-${copy}`);
}

/** A name that is the same after normalization, written otherwise at each target and copy. */
function nameOf(side: 0 | 1, n: number, copy: number): string | undefined {
  if (caseOf(n) === 'no_key') return n % 2 === 0 ? undefined : ' \t';
  const plain = `Zoë Ångström ${n}`;
  if ((n + side + copy) % 3 === 0) return ` ${plain.toUpperCase()}  `;
  if ((n + side) % 3 === 1) return plain.normalize('NFD').replaceAll(' ', '\u00a0 ');
  return plain.toLowerCase();
}

/** Lists one page of `of` numbers at a target. */
export function bigPage(of: number, target: string, cursor = '0'): MatchPage {
  const side = target === TARGETS[0] ? 0 : 1;
  const items: MatchPage['items'][number][] = [];
  let n = Number(cursor);
  // Another order at each target: what belongs together is far apart.
  for (; n < of && items.length < PAGE_ITEMS; n += 1) {
    const at = side === 0 ? n : of - 1 - n;
    for (const [copy, upstreamId] of idsAt(side, at).entries()) {
      const name = nameOf(side, at, copy);
      items.push({ upstreamId, content: name === undefined ? {} : { name } });
    }
  }
  return n < of ? { items, cursor: String(n) } : { items };
}

/** Links that are there before a run. */
export function* plantedLinks(of: number): Generator<{ id: string; targets: LinkTargets }> {
  for (let n = 0; n < of; n += 1) {
    const which = caseOf(n);
    if (which === 'linked') {
      yield { id: `emp-${n}`, targets: { acme: `a${n}-0`, far: `b${n}-0` } };
    } else if (which === 'linked_elsewhere') {
      yield { id: `emp-${n}`, targets: { acme: `a${n}-0`, far: `b-of-another-${n}` } };
    } else if (n % CASES === 0) {
      // A link of one profile alone: the other one joins it.
      yield { id: `emp-${n}`, targets: { far: `b${n}-0` } };
    }
  }
}

/** Pairs that were refused before a run. */
export function plantedRefusals(of: number): MatchPair[] {
  const numbers = Array.from({ length: of }, (_, n) => n);
  return numbers
    .filter((n) => caseOf(n) === 'refused')
    .map((n): MatchPair => [`a${n}-0`, `b${n}-0`]);
}
