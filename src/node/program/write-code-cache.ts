import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { devNull, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createSandboxSet, sandboxConfiguration } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { listen } from '../http-server/server.ts';
import { codeCacheOf, compileProgram } from './load-program.ts';

/**
 * Serves a patch at every vendor's sandbox by the program that the argument names, and writes what
 * V8 has compiled of it meanwhile beside it. A step of the build.
 */

const [, , program = ''] = process.argv;
const KEY = 'key-of-the-caller-while-building';

// The gateway writes its log to descriptor 1.
closeSync(1);
openSync(devNull, 'w');
const folder = mkdtempSync(join(tmpdir(), 'gateway-build-'));
try {
  await keepCode(resolve(program), folder);
} finally {
  rmSync(folder, { recursive: true });
}
// The gateway listens on.
process.exit();

async function keepCode(path: string, folder: string): Promise<void> {
  const set = createSandboxSet(Date.now, sandboxes);
  const { origin } = await listen(set.fetch, '127.0.0.1', 0);
  const port = await freePort();
  const file = join(folder, 'gateway.json');
  const callers = { build: { key: KEY, scopes: ['profiles:read', 'profiles:write'] } };
  const document = { ...sandboxConfiguration(set, origin), callers };
  writeFileSync(file, JSON.stringify(document));

  writeFileSync(path, inAscii(readFileSync(path, 'utf8')));
  const { run, script } = compileProgram(path);
  await run().runSubcommand(['serve', '--config', file, '--port', String(port)]);
  for (const { id, patch, target } of set.demos) {
    const answer = await fetch(`http://127.0.0.1:${port}/profiles/${target}:${id}`, {
      method: 'PATCH',
      headers: {
        'content-type': 'application/merge-patch+json',
        authorization: `Bearer ${KEY}`,
      },
      body: JSON.stringify(patch),
    });
    if (!answer.ok) throw new Error(`the patch at ${target} was answered by ${answer.status}`);
  }
  writeFileSync(codeCacheOf(path), script.createCachedData());
}

/** The same program without other characters, for each of which V8 would take twice the memory. */
function inAscii(text: string): string {
  return text.replace(
    /[^\0-\x7f]/g,
    (other) => `\\u${other.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => done(port));
    });
  });
}
