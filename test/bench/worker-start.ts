import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../support/child.ts';
import { summary } from './figures.ts';

/** The part of a V8 profile that tells when what ran. */
type Profile = {
  readonly nodes: readonly { readonly id: number; readonly callFrame: { functionName: string } }[];
  readonly samples: readonly number[];
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[];
};

/** Median of what workerd computes while it starts the Worker as it is deployed, in ms. */
export function measureWorkerStart(folder: string, rounds: number): number {
  const file = join(folder, 'worker-start.cpuprofile');
  const args = ['wrangler', 'check', 'startup', '--outfile', file];
  const once = (): number => {
    execFileSync('npx', args, { cwd: ROOT, stdio: 'ignore' });
    return activeMs(JSON.parse(readFileSync(file, 'utf8')));
  };
  return summary(Array.from({ length: rounds }, once)).median;
}

/** The time in which a profile was not idle. */
export function activeMs({ nodes, samples, timeDeltas }: Profile): number {
  const idle = new Set(
    nodes.filter(({ callFrame }) => callFrame.functionName === '(idle)').map(({ id }) => id),
  );
  let activeUs = 0;
  samples.forEach((id, i) => {
    if (!idle.has(id)) activeUs += timeDeltas[i] ?? 0;
  });
  return activeUs / 1000;
}
