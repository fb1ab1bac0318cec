#!/usr/bin/env node
import { join } from 'node:path';
import { begin } from './begin.ts';

await begin(() => import('./run-subcommand.ts'), withCompileCache(process.env));

/**
 * Keeps what V8 compiles of the sources for the next start, in the caches of the user alone: code
 * in a folder that others may write would run with the rights of the gateway. Where the folder
 * cannot be written, Node goes on without.
 */
function withCompileCache(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { HOME, NODE_COMPILE_CACHE, XDG_CACHE_HOME } = environment;
  const caches = XDG_CACHE_HOME ?? (HOME && join(HOME, '.cache'));
  if (NODE_COMPILE_CACHE !== undefined || !caches) return environment;
  return { ...environment, NODE_COMPILE_CACHE: join(caches, 'profile-gateway') };
}
