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

/** The cores of a gateway of several workers: none of the others' where the machine has enough. */
export function coresFor(workers: number): string {
  const free = Array.from({ length: availableParallelism() }, (_, core) => core).filter(
    (core) => core !== OTHERS_CORE,
  );
  const cores = free.length < workers ? [...free, OTHERS_CORE] : free.slice(0, workers);
  return cores.join(',');
}

/** The command that runs another one on these cores only, by default on one. */
export function pinned(
  core: number | string,
  command: string,
  args: readonly string[],
): [command: string, args: string[]] {
  return ['taskset', ['-c', String(core), command, ...args]];
}
