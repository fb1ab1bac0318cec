import { describe, test } from 'vitest';
import { seedProperties } from '../environment.ts';
import { lifecycleLaws } from './laws.ts';
import { lifecycleSubjects } from './subjects.ts';

seedProperties('lifecycle');

describe.each(lifecycleSubjects)('$title', (subject) => {
  test.each(lifecycleLaws(subject))('$title', async ({ hold }) => {
    await hold(subject);
  });
});
