import { describe, expect, it } from 'vitest';
import { startStage } from '../../integration/create/stage.ts';
import { readSeed } from '../../support/counts.ts';
import { type CreateCase, createCases, MODES } from './create-cases.ts';
import { type CreateVerdict, runCreateCase, type Stage } from './run-create.ts';

/** Cases that share the sandboxes of one stage, which grow with each. */
const CASES_PER_STAGE = 40;
/** Every case is a fault, and a breaker would turn the next ones away. */
const SETTINGS = { limits: { circuitBreaker: { minimumRequests: 10_000 } } };

type Judged = { readonly given: CreateCase; readonly verdict: CreateVerdict };

/** Runs `count` creates under faults, and checks that each is told as it ended, and made once. */
export function createSuite(count: number, timeoutMs: number): void {
  const seed = readSeed();

  describe(`creates under ${count} faults (SEED=${seed})`, () => {
    const judged: Judged[] = [];

    it('are told as they ended, and none is made or sent twice', {
      timeout: timeoutMs,
    }, async () => {
      let stage: Stage | undefined;
      for (const given of createCases(count, seed)) {
        if (given.number % CASES_PER_STAGE === 0) {
          const unkind = MODES[(given.number / CASES_PER_STAGE) % MODES.length] ?? [];
          stage = await startStage({ unkind, settings: SETTINGS });
        }
        if (stage === undefined) throw new Error('there is no stage');
        judged.push({ given, verdict: await runCreateCase(given, stage) });
      }
      const wrong = judged.filter(({ verdict }) => verdict.wrong.length > 0).map(described);
      expect(wrong).toEqual([]);
      expect(judged.filter(({ verdict }) => verdict.resent > 0).map(described)).toEqual([]);
    });

    it('end as known wherever the vendor can show it', () => {
      const open = judged.filter(({ given, verdict }) => mustBeKnown(given) && isOpen(verdict));
      expect(open.map(described)).toEqual([]);
      console.log(`SEED=${seed}`, tally(judged));
    });
  });
}

function described({ given, verdict }: Judged): string {
  const { failsAfter, failsBefore, fault, number, other, target } = given;
  const what = { number, target, fault: fault.name, other, failsBefore, failsAfter };
  return JSON.stringify({ ...what, ...verdict });
}

function isOpen({ last }: CreateVerdict): boolean {
  return last !== 'applied' && last !== 'rejected' && last !== 'partial';
}

/** Vendors whose search proves that nothing was created, once they are done. */
const PROVING = ['senlin-demo', 'keystone', 'iam-demo'];

/** Reports whether the end can be known: nobody else uses the name, and searches work in the end. */
function mustBeKnown({ failsAfter, fault, other, target }: CreateCase): boolean {
  if (!PROVING.includes(target) || fault.isTwice === true) return false;
  return other === 'none' && Number.isFinite(failsAfter);
}

/** Counts of the first and the last outcome of each case. */
function tally(judged: readonly Judged[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { verdict } of judged) {
    const reason = verdict.reason === undefined ? '' : ` (${verdict.reason})`;
    const key = `${verdict.first} -> ${verdict.last}${reason}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}
