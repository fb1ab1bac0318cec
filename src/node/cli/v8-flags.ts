import { join } from 'node:path';

/**
 * Flags of V8 for a process that serves: they keep its memory flat, see docs/performance.md. They
 * size the heap and its threads when a process begins; `v8.setFlagsFromString` comes too late.
 */
export const V8_FLAGS: readonly string[] = [
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--v8-pool-size=2',
  '--heap-growing-percent=40',
];

/**
 * Replaces this process by the same program with `V8_FLAGS`, unless it has them; its number and
 * files stay, and its environment but for a folder for compiled code. Flags of the command line
 * come after ours, so that they win. Returns where that cannot be done (on Windows, without the
 * permission, or where the program is not there any more): the gateway then serves without them.
 */
export function ensureFlags(): void {
  const { argv, execArgv, execPath, permission, platform } = process;
  if (V8_FLAGS.every((flag) => execArgv.includes(flag))) return;
  // There it throws, after a warning.
  if (platform === 'win32' || permission?.has('child') === false) return;
  try {
    // Not imported, which would load more of Node than the process that is replaced needs.
    const { accessSync, constants } = process.getBuiltinModule('node:fs');
    // Node aborts where the system does not execute the program.
    accessSync(execPath, constants.X_OK);
    const args = [execPath, ...V8_FLAGS, ...execArgv, ...argv.slice(1)];
    process.execve?.(execPath, args, withCompileCache(process.env));
  } catch {
    // The flags save memory, which is no reason not to serve.
  }
}

/**
 * Keeps what V8 compiles for the next start, in the caches of the user alone: code in a folder that
 * others may write would run with the rights of the gateway. Where the folder cannot be written,
 * Node goes on without.
 */
function withCompileCache(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { HOME, NODE_COMPILE_CACHE, XDG_CACHE_HOME } = environment;
  const caches = XDG_CACHE_HOME ?? (HOME && join(HOME, '.cache'));
  if (NODE_COMPILE_CACHE !== undefined || !caches) return environment;
  return { ...environment, NODE_COMPILE_CACHE: join(caches, 'profile-gateway') };
}
