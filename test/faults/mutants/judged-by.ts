/** The entry of the bundle in which the mutants run: the checks that judge them. */

import '../preflight.test.ts';
import '../../unit/writes/compare.test.ts';
import '../../unit/writes/decide.test.ts';
import '../../unit/writes/decide-accepted.test.ts';
import '../../unit/writes/decide-steps.test.ts';
import '../../unit/writes/outcome.test.ts';
import '../../unit/writes/plan.test.ts';
import '../../unit/writes/in-doubt-mark.test.ts';
import '../../unit/writes/write-profile.test.ts';
import '../../unit/writes/read-back.test.ts';
import '../../unit/writes/two-writes.test.ts';
import '../../unit/writes/vendor-timeline.test.ts';
import '../../unit/writes/write-state.test.ts';
import '../../unit/profiles/fallback.test.ts';
import { casesOf } from '../cases.ts';
import { intentsOf } from '../intents.ts';
import { judgeRun } from '../judge.ts';
import { runCase } from '../run-case.ts';
import { sequenceCases } from '../sequences.ts';
import { memoryWire } from '../wire.ts';
import { collected } from './collected-tests.ts';

/** Sequences of faults, and cases of one fault, that every mutant meets. */
const SEQUENCES = 60;
const SINGLES = 60;

const sequences = sequenceCases(SEQUENCES, 1);
/** One failure of a profile that can be read and that nobody else writes. */
const singles = casesOf(SINGLES, 1).filter(
  ({ mustBeKnown, patch, seed, subject }) =>
    mustBeKnown && intentsOf(subject, patch, seed).every((intent) => intent.isShown),
);

export type Check = { readonly name: string; readonly run: () => unknown };

/** All checks, the quickest first. */
export const checks: readonly Check[] = [
  ...collected,
  ...sequences.map((given) => ({
    name: `sequence ${given.number}`,
    run: async () => {
      const { double, wrong } = judgeRun(given, await runCase(given, memoryWire()));
      if (double > 0 || wrong.length > 0) throw new Error(wrong.join('; '));
    },
  })),
  ...singles.map((given) => ({
    name: `single fault ${given.number}`,
    run: async () => {
      const { outcome, wrong } = judgeRun(given, await runCase(given, memoryWire()));
      if (outcome === 'unknown' || wrong.length > 0) throw new Error(`${outcome}: ${wrong}`);
    },
  })),
];
