import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT } from '../support/child.ts';
import { START_FLAGS } from '../support/start-flags.ts';

test('the image and the documents have the flags of npm start', () => {
  expect(START_FLAGS.length).toBeGreaterThan(0);
  const text = (file: string): string => readFileSync(join(ROOT, file), 'utf8');
  const quoted = START_FLAGS.map((flag) => JSON.stringify(flag)).join(', ');
  expect(text('Dockerfile')).toContain(`ENTRYPOINT ["node", ${quoted}, `);
  expect(text('docs/deploy-node.md')).toContain(`\`${START_FLAGS.join(' ')}\``);
});
