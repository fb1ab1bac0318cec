import { appendFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { clientTypes, isGeneratorInstalled } from './client-types.ts';

/** `npm run generate:client` rewrites what this test compares. */
if (!isGeneratorInstalled && process.env.SKIP_REASONS) {
  const reason = 'client-types: skipped (npm ci --prefix test/client/tools)';
  appendFileSync(process.env.SKIP_REASONS, `${reason}\n`);
}

test.skipIf(!isGeneratorInstalled)(
  'the types of the client are those of the interface',
  async () => {
    await expect(await clientTypes()).toMatchFileSnapshot(
      '../../src/client/generated/api-types.ts',
    );
  },
);
