import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { Adapter } from '../../../src/adapter-kit/index.ts';
import { share } from '../../support/counts.ts';
import { adapterOf } from '../bench.ts';
import { goldenOperations, requestsOfSubject } from '../lifecycle/bytes.ts';
import { lifecycleLaws } from '../lifecycle/laws.ts';
import { type LifecycleSubject, lifecycleSubjects } from '../lifecycle/subjects.ts';
import { type Check, firstFailure, LAWS_SHARE, wrapped } from './judge.ts';
import { isOfOperation, operationMutants } from './operations.ts';
import { expectKilled, listed, printCounts } from './trial.ts';

/** The same values in every run; what fails is not made smaller. */
fc.configureGlobal({ seed: 1, endOnFailure: true });

afterAll(printCounts);

describe.each(lifecycleSubjects)('$title', { timeout: 300_000 }, (subject) => {
  const checks = checksOf(subject);
  const adapter = subject.adapter ?? adapterOf(subject.vendor);

  test('every check takes what is wrapped without a slip', async () => {
    const failure = await firstFailure(
      checks,
      wrapped(adapter, (connection) => connection),
    );
    expect(failure).toBeUndefined();
  });

  test('no slip in an operation passes', async () => {
    const mutants = operationMutants(subject.declared);
    expect(mutants.length).toBeGreaterThan(30);
    const names = mutants.map(({ name }) => name);
    const unmade = listed(subject.title).filter((name) => !names.includes(name));
    expect(unmade.filter(isOfOperation)).toEqual([]);
    await expectKilled(subject, checks, share(mutants, 4), ({ slip }, judged) =>
      judged(wrapped(adapter, slip)),
    );
  });
});

/** The chapters of the subject's operations, after the bytes of what they send. */
function checksOf(subject: LifecycleSubject): Check[] {
  const golden = goldenOperations[`../golden/operations/${subject.vendor}.json`];
  return [
    {
      name: 'golden',
      run: async (adapter) => {
        if (golden === undefined) return;
        const sent = await requestsOfSubject({ ...subject, adapter });
        expect(JSON.parse(golden)).toMatchObject(Object.fromEntries(sent));
      },
    },
    ...lifecycleLaws(subject, LAWS_SHARE).map(({ hold, title }) => ({
      name: title,
      run: (adapter: Adapter) => hold({ ...subject, adapter }),
    })),
  ];
}
