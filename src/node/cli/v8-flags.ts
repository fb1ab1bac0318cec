/**
 * Flags of V8 for a process that serves: they keep its memory flat, see docs/performance.md. They
 * size the heap and its threads when a process begins; `v8.setFlagsFromString` comes too late.
 */
export const V8_FLAGS: readonly string[] = [
  '--min-semi-space-size=32',
  '--max-semi-space-size=32',
  '--v8-pool-size=2',
  '--no-memory-reducer',
];

/**
 * Flag that is set once the gateway serves: V8 compiles all of Node's own modules anew in a process
 * that begins with it, a fifth of the time of a start.
 */
export const LATE_V8_FLAG = '--heap-growing-percent=40';

/**
 * Replaces this process by the same program with `V8_FLAGS`, unless it has them; its number and
 * files stay. Flags of the command line come after ours, so that they win. Returns where that
 * cannot be done (on Windows, without the permission, or where the program is not there any more):
 * the gateway then serves without them.
 */
export function ensureFlags(environment: NodeJS.ProcessEnv): void {
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
    process.execve?.(execPath, args, environment);
  } catch {
    // The flags save memory, which is no reason not to serve.
  }
}

/** Sets `LATE_V8_FLAG`, unless the command line has another value for it. */
export function setLateFlag(): void {
  const [name = ''] = LATE_V8_FLAG.split('=');
  if (process.execArgv.some((argument) => argument.startsWith(name))) return;
  process.getBuiltinModule('node:v8').setFlagsFromString(LATE_V8_FLAG);
}
