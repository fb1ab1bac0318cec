import { startsServing } from './arguments.ts';
import type { runSubcommand } from './run-subcommand.ts';
import { ensureFlags, setLateFlag } from './v8-flags.ts';

export type Program = { readonly runSubcommand: typeof runSubcommand };

/**
 * Runs the command line. One that serves gets its flags before anything else is loaded, which a
 * process that is replaced would load in vain.
 */
export async function begin(
  load: () => Program | Promise<Program>,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  const args = process.argv.slice(2);
  const isServing = startsServing(args);
  if (isServing) ensureFlags(environment);
  const program = await load();
  await program.runSubcommand(args);
  if (isServing) setLateFlag();
}
