import { expect, test } from 'vitest';
import { count } from '../../support/counts.ts';
import {
  createDeleteStage,
  DELETE_FAULTS,
  type DeleteCase,
  type DeleteFault,
  READ_FAULTS,
} from './stage.ts';

const VENDORS = ['senlin', 'nerm', 'naver', 'iam', 'keystone'] as const;

/** Every pair of faults, every fault of reads and every vendor: 3,375 cases. */
function cases(): DeleteCase[] {
  const pairs: [DeleteFault, DeleteFault][] = DELETE_FAULTS.flatMap((first) =>
    DELETE_FAULTS.map((second): [DeleteFault, DeleteFault] => [first, second]),
  );
  return VENDORS.flatMap((vendor) =>
    READ_FAULTS.flatMap((read) => pairs.map((faults) => ({ vendor, faults, read }))),
  );
}

/** A delete that ended all tokens, and was delivered again before its answer. */
function wasWrong({ faults, vendor }: DeleteCase): boolean {
  return vendor === 'iam' && faults.join() === 'delivered_twice,refused_token';
}

test('no delete ends with a wrong outcome, whatever becomes of its requests', async () => {
  const every = count(31, 1);
  const stage = createDeleteStage();
  const wrong: string[] = [];
  // Those that were wrong once, and a part of the others.
  const chosen = cases().filter((one, i) => i % every === 0 || wasWrong(one));
  for (const what of chosen) {
    const problem = await stage.run(what);
    if (problem !== undefined) wrong.push(`${JSON.stringify(what)}: ${problem}`);
  }
  expect(wrong.slice(0, 10)).toEqual([]);
  const { applied, rejected, unknown } = stage.counts;
  expect(applied + rejected + unknown).toBe(chosen.length);
  expect(Math.min(applied, unknown)).toBeGreaterThan(chosen.length / 10);
}, 120_000);
