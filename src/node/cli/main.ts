#!/usr/bin/env node
import { startsServing } from './arguments.ts';
import { ensureFlags } from './v8-flags.ts';

const args = process.argv.slice(2);
// Before all else is loaded, which a process that is replaced would load in vain.
if (startsServing(args)) ensureFlags();
const { runSubcommand } = await import('./run-subcommand.ts');
await runSubcommand(args);
