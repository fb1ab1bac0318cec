import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { LATE_V8_FLAG, V8_FLAGS } from '../../../src/node/cli/v8-flags.ts';
import { CLI_SOURCE, end, node, ROOT } from '../../support/child.ts';

let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

/** Starts a gateway, and returns its arguments once it has written its first line. */
async function argumentsOf(...flags: string[]): Promise<string[]> {
  return readFileSync(`/proc/${await started(flags)}/cmdline`, 'utf8').split('\0');
}

async function started(flags: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  const args = [...flags, CLI_SOURCE, 'serve', '--or-sandbox', '--port', '0'];
  child = spawn(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  if (child.stdout !== null) await once(child.stdout, 'data');
  return child.pid;
}

test('serve has the flags of V8, in the same process, and keeps what it was started with', async () => {
  const own = ['--max-semi-space-size=16', '--no-warnings'];
  const line = await argumentsOf(...own);
  expect(line.slice(1, 1 + V8_FLAGS.length + own.length)).toEqual([...V8_FLAGS, ...own]);
  expect(line.slice(-4)).toEqual(['--or-sandbox', '--port', '0', '']);
  child?.kill('SIGTERM');
  expect(await once(child as ChildProcess, 'exit')).toEqual([0, null]);
});

const PRELOAD = '--import=data:text/javascript,';

/** Has V8 set no flag at run time, and prints it. */
const PRINTED =
  `${PRELOAD}process.getBuiltinModule('node:v8').setFlagsFromString=` +
  '(flag)=>process.stdout.write("set:"+flag+"\\n")';

test.each([
  ['is set once the gateway serves', [], ['listening', `set:${LATE_V8_FLAG}`]],
  ['is not set over that of the command line', ['--heap-growing-percent=60'], ['listening']],
])('the growth of the heap %s', async (_, flags, expected) => {
  const serving = node([...flags, PRINTED, CLI_SOURCE, 'serve', '--or-sandbox', '--port', '0']);
  await serving.says(/curl .*naver/);
  expect(await end(serving)).toBe(0);
  expect(serving.stdout().match(/listening|set:\S+/g)).toEqual(expected);
});

const MAY_START_NOTHING = ['--permission', '--allow-fs-read=*', '--allow-worker'];

test.each([
  ['on Windows', [`${PRELOAD}Object.defineProperty(process,'platform',{value:'win32'})`]],
  ['where it may start no other program', MAY_START_NOTHING],
  ['where its own program is not there any more', [`${PRELOAD}process.execPath='/none'`]],
])('serve starts without the flags %s', async (_, flags) => {
  const line = await argumentsOf(...flags);
  expect(line.slice(1, 1 + flags.length)).toEqual(flags);
  child?.kill('SIGTERM');
  expect(await once(child as ChildProcess, 'exit')).toEqual([0, null]);
});

test('serve with the flags is not started anew', async () => {
  const line = await argumentsOf(...V8_FLAGS);
  expect(line.filter((part) => part === V8_FLAGS[0])).toHaveLength(1);
});

describe('what V8 has compiled', () => {
  const home = mkdtempSync(join(tmpdir(), 'gateway-home-'));
  afterAll(() => rmSync(home, { recursive: true }));
  const cached = (): string[] => readdirSync(home, { recursive: true }).map(String);

  /** Serves until it is stopped, with that home. */
  const serve = async (env: NodeJS.ProcessEnv): Promise<void> => {
    const { NODE_COMPILE_CACHE: _, XDG_CACHE_HOME: __, ...others } = process.env;
    await started([], { ...others, ...env });
    child?.kill('SIGTERM');
    expect(await once(child as ChildProcess, 'exit')).toEqual([0, null]);
  };

  test('is kept below the home of its user', async () => {
    await serve({ HOME: home });
    expect(
      cached().filter((path) => path.includes('.cache/profile-gateway/')).length,
    ).toBeGreaterThan(9);
  });

  test('is kept where the variable of Node says', async () => {
    await serve({ HOME: '', NODE_COMPILE_CACHE: join(home, 'own') });
    expect(cached().filter((path) => path.startsWith('own/')).length).toBeGreaterThan(9);
  });

  test.each(['/dev/null', ''])('is not kept where there is no folder for it: %j', async (none) => {
    await serve({ HOME: none });
  });
});
