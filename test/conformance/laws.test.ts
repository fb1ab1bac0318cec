import { beforeAll, describe, expect, test } from 'vitest';
import { codeOf } from './bench.ts';
import { DEVIATIONS, VALUE_DEVIATIONS } from './deviations.ts';
import { seedProperties } from './environment.ts';
import { lawsOf } from './laws.ts';
import { createHarness, fieldsOf, type Harness, subjects } from './subjects.ts';

seedProperties('laws');

test('every deviation is about a field that there is', () => {
  for (const { pointer, subject: title } of DEVIATIONS) {
    const fields = subjects.filter((subject) => subject.title === title).flatMap(fieldsOf);
    expect(fields.map((field) => field.pointer)).toContain(pointer);
  }
});

test.each(VALUE_DEVIATIONS)('$subject still departs', async ({ first, later, subject: title }) => {
  const subject = subjects.find((candidate) => candidate.title === title);
  if (subject === undefined) throw new Error(`no subject ${title}`);
  const harness = await createHarness(subject);
  expect((await harness.patch(first)).status).toBe(200);
  for (const { code, patch } of later) expect(codeOf(await harness.patch(patch))).toBe(code);
});

describe.each(subjects)('$title', (subject) => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await createHarness(subject);
  });

  test.each(lawsOf(subject))('$title', async ({ hold }) => {
    await hold(harness);
  });
});
