import fc from 'fast-check';
import type { Digests } from '../../src/adapter-kit/index.ts';
import { createWebDigests } from '../../src/workers/web-crypto-digests.ts';

/// <reference types="vite/types/importMeta.d.ts" />

/** What the suite takes from where it runs: the same files run on Node and on workerd. */

/** Whether this is workerd, which has no files and whose digests are asynchronous. */
export const isWorkerd = globalThis.navigator?.userAgent === 'Cloudflare-Workers';

const environment: Readonly<Record<string, string | undefined>> = import.meta.env;

/** Whether everything is to be tried, however long it takes. */
export const isFull = environment.FULL === '1';

/** Runs of a property: `usual`, or `full` when the environment says FULL=1. */
export function runs(usual: number, full: number): { numRuns: number } {
  return { numRuns: isFull ? full : usual };
}

/** The seed of every property of one file: SEED of the environment, or a new one, printed. */
export function seedProperties(file: string): void {
  const seed = Number(environment.SEED ?? Math.floor(Math.random() * 2 ** 31));
  fc.configureGlobal({ seed, endOnFailure: false });
  console.info(`${file}: SEED=${seed}`);
}

/** The digests of the runtime's own entry. */
export async function runtimeDigests(): Promise<Digests> {
  if (isWorkerd) return createWebDigests();
  return (await import('../../src/node/digests.ts')).nodeDigests;
}
