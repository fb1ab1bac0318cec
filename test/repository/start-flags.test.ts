import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LATE_V8_FLAG, V8_FLAGS } from '../../src/node/cli/v8-flags.ts';
import { node, ROOT, run } from '../support/child.ts';

test.each(['docs/deploy-node.md', 'docs/performance.md'])('%s has the flags of serve', (file) => {
  const page = readFileSync(join(ROOT, file), 'utf8');
  expect(page).toContain(`\`${V8_FLAGS.join(' ')}\``);
  expect(page).toContain(`\`${LATE_V8_FLAG}\``);
});

/** Prints how many of Node's own modules V8 has compiled, and not read as they were compiled. */
const COMPILED_ANEW = `require('node:tls');
  const { internalBinding } = require('internal/test/binding');
  const { compiledWithoutCache } = internalBinding('builtins').getCacheUsage();
  console.log(compiledWithoutCache.size);`;

test.each([
  ['has them as they were compiled with the flags', V8_FLAGS, /^0\n$/],
  ['compiles them anew with the flag that is set later', [LATE_V8_FLAG], /^[1-9]\d+\n$/],
])('Node %s', async (_, flags, printed) => {
  const args = [...flags, '--expose-internals', '--no-warnings', '--eval', COMPILED_ANEW];
  const { stdout } = await run(node(args));
  expect(stdout).toMatch(printed);
});
