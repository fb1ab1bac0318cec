import { describe, expect, test } from 'vitest';
import { adapters } from '../../adapters/index.ts';
import { golden, goldenTold, requestsOf, toldOf } from './bytes.ts';
import { isWorkerd } from './environment.ts';
import { goldenOperations, requestsOfOperations } from './lifecycle/bytes.ts';

describe.each(adapters)('$vendor', ({ vendor }) => {
  test('9: the same bytes on every runtime', async () => {
    const text = `${JSON.stringify(await requestsOf(vendor), undefined, 2)}\n`;
    if (isWorkerd) expect(text).toBe(golden[`./golden/${vendor}.json`]);
    else await expect(text).toMatchFileSnapshot(`./golden/${vendor}.json`);
  });

  test('the same bytes of lists, creates and deletes on every runtime', async () => {
    const text = `${JSON.stringify(await requestsOfOperations(vendor), undefined, 2)}\n`;
    if (isWorkerd) expect(text).toBe(goldenOperations[`../golden/operations/${vendor}.json`]);
    else await expect(text).toMatchFileSnapshot(`./golden/operations/${vendor}.json`);
  });

  test('what is told of failures and fields is what was read', async () => {
    const text = `${JSON.stringify(await toldOf(vendor), undefined, 2)}\n`;
    if (isWorkerd) expect(text).toBe(goldenTold[`./fixtures/told-${vendor}.json`]);
    else await expect(text).toMatchFileSnapshot(`./fixtures/told-${vendor}.json`);
  });
});
