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
 * a system cannot do that (Windows): the gateway then serves without them.
 */
export function ensureFlags(): void {
  const { argv, execArgv, execPath } = process;
  if (process.execve === undefined || V8_FLAGS.every((flag) => execArgv.includes(flag))) return;
  process.execve(execPath, [execPath, ...V8_FLAGS, ...execArgv, ...argv.slice(1)], process.env);
}
