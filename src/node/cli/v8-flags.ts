import { accessSync, constants } from 'node:fs';

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
 * Replaces this process by the same program with `V8_FLAGS`, unless it has them; its number, files
 * and environment stay. Flags of the command line come after ours, so that they win. Returns where
 * that cannot be done (on Windows, without the permission, or where the program is not there any
 * more): the gateway then serves without them.
 */
export function ensureFlags(): void {
  const { argv, execArgv, execPath, permission, platform } = process;
  if (V8_FLAGS.every((flag) => execArgv.includes(flag))) return;
  // There it throws, after a warning.
  if (platform === 'win32' || permission?.has('child') === false) return;
  try {
    // Node aborts where the system does not execute the program.
    accessSync(execPath, constants.X_OK);
    process.execve?.(execPath, [execPath, ...V8_FLAGS, ...execArgv, ...argv.slice(1)]);
  } catch {
    // The flags save memory, which is no reason not to serve.
  }
}
