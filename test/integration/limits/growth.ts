import { expect } from 'vitest';
import { median } from './load.ts';

/** Times that the smallest count is doubled. */
const DOUBLINGS = 4;
/** Most that twice as much may take: twice the time, and what larger memory costs. */
const RATIO_MAX = 2.4;
const ROUNDS_MIN = 3;
/** A busy machine may spoil some rounds; work that grows faster spoils all. */
const ROUNDS_MAX = 20;
const ROUNDS_MS_MAX = 15_000;
/** Smallest counts of the measurements: at a size where memory lies badly, only one of them is. */
const SHIFTS = [1, 1.25, 1.6];
/** Time below which other things matter more: what is always done, and the first large memory. */
const SHORT_MS = 2;
/** Time after which a size is measured once a round only. */
const LONG_MS = 50;

/** Makes work of a count ready; what it returns is measured. */
export type Prepare = (count: number) => Promise<() => Promise<unknown>>;

/** Expects that twice as much of something takes at most `RATIO_MAX` times as long. */
export async function expectLinear(smallest: number, prepare: Prepare): Promise<void> {
  const shown: string[] = [];
  let ratio = Number.POSITIVE_INFINITY;
  for (const shift of SHIFTS) {
    const growth = await measureGrowth(Math.round(smallest * shift), prepare);
    shown.push(growth.shown);
    ratio = growth.ratio;
    if (ratio <= RATIO_MAX) break;
  }
  expect(ratio, shown.join('; then ')).toBeLessThanOrEqual(RATIO_MAX);
}

async function measureGrowth(smallest: number, prepare: Prepare) {
  const counts = Array.from({ length: DOUBLINGS + 1 }, (_, i) => smallest * 2 ** i);
  const sizes: Size[] = [];
  for (const [i, count] of counts.entries()) {
    const run = await prepare(count);
    sizes.push({ run, best: SLOWEST, repeats: 2 ** (DOUBLINGS - i) });
  }
  let ratios: number[] = [];
  const endMs = performance.now() + ROUNDS_MS_MAX;
  for (let round = 1; round <= ROUNDS_MAX && performance.now() < endMs; round += 1) {
    for (const size of sizes) {
      const repeats = size.best.ms < LONG_MS ? size.repeats : 1;
      for (let i = 0; i < repeats; i += 1) {
        const time = await threadTimeOf(size.run);
        if (time.ms < size.best.ms) size.best = time;
      }
    }
    const times = sizes.map(({ best }) => Math.max(best.faultlessMs, SHORT_MS));
    ratios = times.slice(1).map((ms, i) => ms / (times[i] ?? 0));
    if (round >= ROUNDS_MIN && Math.max(...ratios) <= RATIO_MAX) break;
  }
  const shown = sizes
    .map(({ best }, i) => `${counts[i]}: ${best.faultlessMs.toFixed(1)} ms`)
    .join(', ');
  return { ratio: Math.max(...ratios), shown };
}

/** Work of one count, with its shortest run. */
type Size = { readonly run: () => Promise<unknown>; best: ThreadTime; readonly repeats: number };

/**
 * Processor time of this thread, which other load on the machine does not lengthen, and the same
 * without the page faults: the engine asks for memory anew for each object over 128 KiB, so that on
 * a machine where a fault is dear, the size at which that begins costs more than four times the one
 * before. Faults of other threads count too, so that the shortest run is that of the first time.
 */
type ThreadTime = { readonly ms: number; readonly faultlessMs: number };

const SLOWEST: ThreadTime = {
  ms: Number.POSITIVE_INFINITY,
  faultlessMs: Number.POSITIVE_INFINITY,
};

async function threadTimeOf(run: () => Promise<unknown>): Promise<ThreadTime> {
  const startFaults = pageFaults();
  const startUs = threadUs();
  await run();
  const us = threadUs() - startUs;
  const faultsUs = (pageFaults() - startFaults) * FAULT_US;
  return { ms: us / 1000, faultlessMs: (us - faultsUs) / 1000 };
}

/** Objects of the engine that are mapped anew, and the elements of each: 256 KiB. */
const MAPPED_OBJECTS = 32;
const MAPPED_ELEMENTS = 32 * 1024;
/** More than a fault takes anywhere. */
const FAULT_US_MAX = 50;
/** Time that a page fault takes on this machine, with its part of the mapping: the median. */
const FAULT_US = Math.min(FAULT_US_MAX, median(Array.from({ length: 9 }, measureFaultUs)));

/** Infinite where the engine has used memory again that it had. */
function measureFaultUs(): number {
  const startFaults = pageFaults();
  const startUs = threadUs();
  const lists = Array.from({ length: MAPPED_OBJECTS }, (_, i) =>
    new Array(MAPPED_ELEMENTS).fill(i),
  );
  const us = threadUs() - startUs;
  const faults = pageFaults() - startFaults;
  return faults < lists.length ? Number.POSITIVE_INFINITY : us / faults;
}

function pageFaults(): number {
  return process.resourceUsage().minorPageFault;
}

function threadUs(): number {
  // Linux counts a thread's time at each tick only, unless that of its process is read.
  process.cpuUsage();
  const { system, user } = process.threadCpuUsage();
  return user + system;
}
