import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { V8_FLAGS } from '../../src/node/cli/v8-flags.ts';
import { ROOT } from '../support/child.ts';

test.each(['docs/deploy-node.md', 'docs/performance.md'])('%s has the flags of serve', (file) => {
  expect(readFileSync(join(ROOT, file), 'utf8')).toContain(`\`${V8_FLAGS.join(' ')}\``);
});
