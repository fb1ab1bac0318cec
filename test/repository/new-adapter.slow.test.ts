import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { end, LISTENING, run } from '../support/child.ts';
import { blocksOf, documentAt } from './documents.ts';
import { copyRepository } from './repository-copy.ts';

/** The walk through of docs/adapters.md, in a copy of the repository. */

const { path: copy, remove, run: inCopy } = copyRepository();
afterAll(remove);

const lines = blocksOf('console', [documentAt('docs/adapters.md')]).flatMap((block) =>
  block.trim().split('\n'),
);
const START = 'npm start';
const NEW = 'npm run new-adapter -- acme';

/** How long a command that starts vitest may take on a busy machine. */
const COMMAND_MS_MAX = 120_000;

/** Every file of `src/` with its text. */
function core(): Record<string, string> {
  const names = readdirSync(join(copy, 'src'), { recursive: true, encoding: 'utf8' });
  const sources = names.filter((name) => name.endsWith('.ts'));
  return Object.fromEntries(
    sources.map((name) => [name, readFileSync(join(copy, 'src', name), 'utf8')]),
  );
}

test(
  'a vendor is made, lists what it lacks, and is served once it is filled in',
  async () => {
    const before = core();
    expect(Object.keys(before).length).toBeGreaterThan(50);
    const made = await run(inCopy(NEW));
    expect(made).toMatchObject({ code: 0, stderr: '' });
    const steps = made.stdout.split('\n').filter((line) => /^\d+\. /.test(line));
    expect(steps.map((step) => /^\d+\. ([^\s:]+)/.exec(step)?.[1])).toEqual([
      'adapters/acme/README.md',
      'adapters/acme/index.ts',
      'adapters/acme/fields.ts',
      'adapters/acme/fixtures',
      'adapters/acme/sandbox/index.ts',
      'test/conformance/palette.ts',
      'run',
    ]);
    const types = await run(inCopy('npx tsc -p tsconfig.json --checkers 1'));
    expect(types).toMatchObject({ code: 0, stdout: '' });

    const first = lines.findIndex((line) => line.startsWith('cp -r '));
    const last = lines.indexOf(START);
    expect([lines.indexOf(NEW), first > 0, last > first]).toEqual([0, true, true]);
    for (const line of lines.slice(first, last)) {
      const { code, stderr, stdout } = await run(inCopy(line));
      expect({ line, code, said: code === 0 ? '' : stdout + stderr }).toEqual({
        line,
        code: 0,
        said: '',
      });
    }
    expect(core()).toEqual(before);

    const gateway = inCopy(START, { PORT: '0' });
    try {
      const [, origin = ''] = await gateway.says(LISTENING, COMMAND_MS_MAX);
      const [, path = '', body = ''] = await gateway.says(
        /^curl -X PATCH http:\/\/[^/]+(\/profiles\/acme-demo:\S+) .* -d '(.*)'$/m,
      );
      const headers = { 'content-type': 'application/merge-patch+json' };
      const answer = await fetch(origin + path, { method: 'PATCH', headers, body });
      expect({ status: answer.status, body: await answer.json() }).toMatchObject({
        status: 200,
        body: { write: { outcome: 'applied' }, profile: { vendor: 'acme', ...JSON.parse(body) } },
      });
    } finally {
      await end(gateway);
    }
  },
  COMMAND_MS_MAX,
);
