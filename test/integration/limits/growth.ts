import { expect } from 'vitest';

/** Times that the smallest count is doubled. */
const DOUBLINGS = 4;
/** Most that twice as much may take: twice the time, and what larger memory costs. */
const RATIO_MAX = 2.4;
const ROUNDS_MIN = 3;
/** A busy machine may spoil some rounds; work that grows faster spoils all. */
const ROUNDS_MAX = 20;
const ROUNDS_MS_MAX = 25_000;
/** Time below which other things matter more: what is always done, and the first large memory. */
const SHORT_MS = 2;
/** Time after which a size is measured once a round only. */
const LONG_MS = 50;

/** Makes work of a count ready; what it returns is measured. */
export type Prepare = (count: number) => Promise<() => Promise<unknown>>;

/** Things of which there are many: members of an object, or characters of a text. */
export type Counted = 'members' | 'characters';

/**
 * Expects that twice as much of something takes at most `RATIO_MAX` times as long. Memory that lies
 * badly slows one size in all rounds, so it is made ready anew once before that is a failure. A
 * machine on which memory is dear from some size on shows that in the engine's parser too, if not at
 * the same size: there, nothing may grow faster than that does.
 */
export async function expectLinear(
  smallest: number,
  prepare: Prepare,
  counted: Counted = 'members',
): Promise<void> {
  const first = await measureGrowth(smallest, prepare);
  const again = first.ratio <= RATIO_MAX ? first : await measureGrowth(smallest, prepare);
  const isSteady = again.ratio <= RATIO_MAX;
  const parser = isSteady ? undefined : await measureGrowth(smallest, parsing(counted));
  const shown = [first, again, ...(parser === undefined ? [] : [parser])].map((one) => one.shown);
  const ratioMax = Math.max(RATIO_MAX, parser?.ratio ?? 0);
  expect(again.ratio, shown.join('; then ')).toBeLessThanOrEqual(ratioMax);
}

/** Documents that the parser reads in one measurement, so that it takes as long as other work. */
const PARSED_AT_ONCE = 8;

/** Work of the engine alone that is linear: a document is read and written. */
function parsing(counted: Counted): Prepare {
  return async (count) => {
    const members = Array.from({ length: count }, (_, i) => [`key_${i}_of_many`, `value ${i}`]);
    const document = counted === 'members' ? Object.fromEntries(members) : ['x'.repeat(count)];
    const text = JSON.stringify(document);
    return async () => {
      for (let i = 0; i < PARSED_AT_ONCE; i += 1) JSON.stringify(JSON.parse(text));
    };
  };
}

async function measureGrowth(smallest: number, prepare: Prepare) {
  const counts = Array.from({ length: DOUBLINGS + 1 }, (_, i) => smallest * 2 ** i);
  const sizes: { run: () => Promise<unknown>; bestMs: number; repeats: number }[] = [];
  for (const [i, count] of counts.entries()) {
    const run = await prepare(count);
    sizes.push({ run, bestMs: Number.POSITIVE_INFINITY, repeats: 2 ** (DOUBLINGS - i) });
  }
  let ratios: number[] = [];
  const endMs = performance.now() + ROUNDS_MS_MAX;
  for (let round = 1; round <= ROUNDS_MAX && performance.now() < endMs; round += 1) {
    for (const size of sizes) {
      const repeats = size.bestMs < LONG_MS ? size.repeats : 1;
      for (let i = 0; i < repeats; i += 1) {
        size.bestMs = Math.min(size.bestMs, await threadMsOf(size.run));
      }
    }
    const times = sizes.map(({ bestMs }) => Math.max(bestMs, SHORT_MS));
    ratios = times.slice(1).map((ms, i) => ms / (times[i] ?? 0));
    if (round >= ROUNDS_MIN && Math.max(...ratios) <= RATIO_MAX) break;
  }
  const shown = sizes.map(({ bestMs }, i) => `${counts[i]}: ${bestMs.toFixed(1)} ms`).join(', ');
  return { ratio: Math.max(...ratios), shown };
}

/** Processor time of this thread, which other load on the machine does not lengthen. */
async function threadMsOf(run: () => Promise<unknown>): Promise<number> {
  const startUs = threadUs();
  await run();
  return (threadUs() - startUs) / 1000;
}

function threadUs(): number {
  // Linux counts a thread's time at each tick only, unless that of its process is read.
  process.cpuUsage();
  const { system, user } = process.threadCpuUsage();
  return user + system;
}
