import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Whoever is measured has this core for itself; the vendors and the callers share the other. */
export const SUBJECT_CORE = 0;
export const OTHERS_CORE = 1;

const PROGRAMS = ['nginx', 'wrk', 'taskset'] as const;
const INSTALL = 'apt-get install nginx-light wrk util-linux';

/** Why nothing can be measured on this machine; empty where it can. */
export function obstacles(): string[] {
  const missing = PROGRAMS.filter((name) => spawnSync(name, ['-v']).error !== undefined);
  return [
    ...(missing.length > 0 ? [`${missing.join(' and ')} not installed: ${INSTALL}`] : []),
    ...(availableParallelism() < 2 ? ['two processor cores are needed'] : []),
  ];
}

/** The command that runs another one on one core only. */
export function pinned(
  core: number,
  command: string,
  args: readonly string[],
): [command: string, args: string[]] {
  return ['taskset', ['-c', String(core), command, ...args]];
}
