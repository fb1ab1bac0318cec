import fc from 'fast-check';
import { expect, test } from 'vitest';
import { situationOf } from '../../../src/matching/situation.ts';
import type { GroupSide } from '../../../src/state/matches/match-rows.ts';
import { runs } from '../../support/counts.ts';

const side = (all: number, free = all, linkId?: string): GroupSide => ({ all, free, linkId });
const one = side(1);
const none = side(0);

test.each([
  ['one at each target', one, one, 0, 'unique'],
  ['one pair, refused', one, one, 1, 'refused'],
  ['one at each, one with a link', side(1, 1, 'emp-1'), one, 0, 'unique'],
  ['one at each, each with a link', side(1, 1, 'a'), side(1, 1, 'b'), 0, 'already_linked'],
  ['linked with each other', side(1, 0, 'a'), side(1, 0, 'a'), 0, 'already_linked'],
  ['the first linked elsewhere', side(1, 0, 'a'), one, 0, 'already_linked'],
  ['the second linked elsewhere', one, side(1, 0, 'a'), 0, 'already_linked'],
  ['only at the first', one, none, 0, 'missing'],
  ['only at the second', none, one, 0, 'extra'],
  ['only at the first, linked', side(1, 0, 'a'), none, 0, 'already_linked'],
  ['only at the second, linked', none, side(1, 0, 'a'), 0, 'already_linked'],
  ['one and two', one, side(2), 0, 'ambiguous'],
  ['two and one', side(2), one, 0, 'ambiguous'],
  ['one and two, a pair refused', one, side(2), 1, 'ambiguous'],
  ['one and two, both refused', one, side(2), 2, 'refused'],
  ['two and two', side(2), side(2), 0, 'duplicate_key'],
  ['two and none', side(2), none, 0, 'duplicate_key'],
  ['none and two', none, side(2), 0, 'duplicate_key'],
  ['one and two, a pair linked', side(1, 0), side(2, 1), 0, 'duplicate_key'],
  ['two and two, a pair linked', side(2, 1), side(2, 1), 0, 'duplicate_key'],
  ['two and one, one of the two linked elsewhere', side(2, 1), one, 0, 'ambiguous'],
  ['all linked', side(2, 0), side(3, 0), 0, 'already_linked'],
] as const)('%s', (_, first, second, refused, situation) => {
  expect(situationOf({ key: 'k', first, second, refused })).toBe(situation);
});

const anySide = fc
  .tuple(fc.nat(4), fc.nat(4), fc.option(fc.constantFrom('a', 'b'), { nil: undefined }))
  .map(([all, free, linkId]) => side(all, Math.min(all, free), linkId));

test('only one free profile at each target, which nobody has refused, is unique', () => {
  fc.assert(
    fc.property(anySide, anySide, fc.nat(4), (first, second, refused) => {
      fc.pre(first.all + second.all > 0);
      const situation = situationOf({ key: 'k', first, second, refused });
      const isAlone = [first, second].every(({ all, free }) => all === 1 && free === 1);
      const hasTwoLinks = first.linkId !== undefined && second.linkId !== undefined;
      expect(situation === 'unique').toBe(isAlone && refused === 0 && !hasTwoLinks);
    }),
    runs(500, 20_000),
  );
});
