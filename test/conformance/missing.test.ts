import { expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { missingOf } from './missing.ts';

test.each(adapters)('$vendor lacks nothing', (adapter) => {
  const steps = missingOf(adapter).map((step, i) => `${i + 1}. ${step}`);
  if (steps.length > 0) expect.fail(['what is missing:', ...steps].join('\n'));
});
