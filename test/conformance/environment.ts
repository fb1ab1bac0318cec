import fc from 'fast-check';
import type { Digests } from '../../src/adapter-kit/index.ts';
import { createWebDigests } from '../../src/workers/web-crypto-digests.ts';
import { readSeed } from '../support/counts.ts';

/** What the suite takes from where it runs: the same files run on Node and on workerd. */

/** Whether this is workerd, which has no files and whose digests are asynchronous. */
export const isWorkerd = globalThis.navigator?.userAgent === 'Cloudflare-Workers';

/** The seed of every property of one file: SEED of the environment, or a new one, printed. */
export function seedProperties(file: string): void {
  const seed = readSeed();
  fc.configureGlobal({ seed, endOnFailure: false });
  console.info(`${file}: SEED=${seed}`);
}

/** The digests of the runtime's own entry. */
export async function runtimeDigests(): Promise<Digests> {
  if (isWorkerd) return createWebDigests();
  return (await import('../../src/node/digests.ts')).nodeDigests;
}
