import { afterAll, beforeAll, expect, test } from 'vitest';
import { type BothRuntimes, MODES, startBoth, TARGETS } from './answer-parity.ts';
import { answers } from './vendor-answers.ts';

const START_MS = 120_000;
const CASE_MS = 240_000;

const cases = Object.keys(answers).flatMap((answer) => MODES.map((mode) => ({ answer, mode })));
let both: BothRuntimes;
beforeAll(async () => {
  both = await startBoth(cases);
}, START_MS);
afterAll(() => both.stop());

test.concurrent.each(cases)(
  '$answer to $mode: Node and Workers answer alike',
  async (each) => {
    for (const target of TARGETS) {
      const { onNode, onWorkers } = await both.ask(each, target);
      expect(onWorkers, target).toEqual(onNode);
    }
  },
  CASE_MS,
);
