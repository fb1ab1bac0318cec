import { describe, test } from 'vitest';
import {
  expectBoundaries,
  expectHeadersTold,
  expectSensitive,
  expectStatuses,
  expectTypes,
  expectUnfit,
} from './declared.ts';
import { expectShownOtherwise } from './shown-otherwise.ts';
import { createHarness, fieldsOf, subjects } from './subjects.ts';

describe.each(subjects)('$title', (subject) => {
  test('values are sent up to the documented boundaries', async () => {
    await expectBoundaries(await createHarness(subject));
  });

  test('values of another type are refused', async () => {
    await expectTypes(await createHarness(subject), fieldsOf(subject));
  });

  test('what does not fit the profile is refused', async () => {
    await expectUnfit(await createHarness(subject));
  });

  test('a value that is shown otherwise ends as declared', async () => {
    await expectShownOtherwise(subject);
  });

  test('sensitive fields need an explicit allow', async () => {
    expectSensitive(await createHarness(subject));
  });

  test('a bare status means what the status means', async () => {
    await expectStatuses(subject);
  });

  test('what headers say of a failure is told', async () => {
    await expectHeadersTold(subject);
  });
});
