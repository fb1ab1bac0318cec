import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { isFull, share } from '../../support/counts.ts';
import { adapterOf } from '../bench.ts';
import { fieldsOf, type Subject, subjects } from '../subjects.ts';
import { fieldMutants } from './fields.ts';
import { checksOf, declaring, firstFailure, wrapped } from './judge.ts';
import { expectKilled, printCounts } from './trial.ts';

/** The same values in every run; what fails is not made smaller. */
fc.configureGlobal({ seed: 1, endOnFailure: true });

afterAll(printCounts);

/** Subjects of a vendor that declare the same fields differ in credentials alone. */
const declared = new Map<string, Subject>();
for (const subject of subjects.toReversed()) {
  const names = fieldsOf(subject).map(({ pointer }) => pointer);
  declared.set(isFull ? subject.title : `${subject.vendor} ${names}`, subject);
}

describe.each([...declared.values()])('$title', { timeout: 300_000 }, (subject) => {
  const checks = checksOf(subject);
  // A list of its own each time, since the index of a list is made once.
  const adapter = wrapped(adapterOf(subject.vendor), (connection) => ({
    ...connection,
    fields: [...connection.fields],
  }));

  test('every check takes the declarations as they are', async () => {
    const fields = [...fieldsOf(subject)];
    const failure = await declaring(subject, fields, () => firstFailure(checks, adapter));
    expect(failure).toBeUndefined();
  });

  test('no slip in the declarations passes', async () => {
    const mutants = fieldMutants([...fieldsOf(subject)]);
    await expectKilled(subject, checks, share(mutants, 3), ({ fields }, judged) =>
      declaring(subject, fields, () => judged(adapter)),
    );
  });
});
