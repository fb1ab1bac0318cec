import { GCProfiler, getHeapStatistics } from 'node:v8';
import { type Summary, summary } from './figures.ts';

/** One stage of a PATCH, as the gateway runs it for one vendor. */
export type Stage = {
  readonly name: string;
  readonly vendor: string;
  /** Makes, outside of what is measured, all that `calls` calls take. */
  readonly prepare: (calls: number) => Call | Promise<Call>;
  /** Most calls that follow one preparation; by default as many as it takes to measure well. */
  readonly callsMax?: number;
};

/** Gives something other than undefined, or a promise of it, which is awaited. */
export type Call = () => unknown;

export type Measured = {
  readonly stage: Stage;
  /** What one call took, by rounds. */
  readonly microseconds: Summary;
  /** What one call takes from V8's heap; what lies outside of the heap is not counted. */
  readonly bytes: number;
};

const WARM_UP_PASSES = 3;
const WARM_UP_MS = 100;
const ROUND_MS = 30;
/** Few enough that what is prepared for them does not make garbage collections dearer. */
const TIMED_CALLS = 256;
/** Few enough that most windows end before a garbage collection begins. */
const COUNTED_CALLS = 64;
const WINDOWS = 25;
const WINDOWS_MAX = 1000;

/**
 * Measures every stage in each round, so that what else the machine does falls on all of them.
 * Throws where bytes cannot be told truthfully.
 */
export async function measure(stages: readonly Stage[], rounds: number): Promise<Measured[]> {
  for (let pass = 0; pass < WARM_UP_PASSES; pass += 1) {
    for (const stage of stages) await timed(stage, WARM_UP_MS);
  }
  const times = stages.map((): number[] => []);
  for (let round = 0; round < rounds; round += 1) {
    for (const [i, stage] of stages.entries()) times[i]?.push(await timed(stage, ROUND_MS));
  }
  const windowBytes = await checkedWindowBytes();
  const measured: Measured[] = [];
  for (const [i, stage] of stages.entries()) {
    const bytes = await allocated(stage, windowBytes);
    measured.push({ stage, microseconds: summary(times[i] ?? []), bytes });
  }
  return measured;
}

/** Microseconds of one call, over at least `durationMs` of calls. */
async function timed(stage: Stage, durationMs: number): Promise<number> {
  const { callsMax = TIMED_CALLS, prepare } = stage;
  let [calls, elapsedMs] = [0, 0];
  while (elapsedMs < durationMs) {
    const call = await prepare(callsMax);
    const startMs = performance.now();
    await repeat(call, callsMax);
    elapsedMs += performance.now() - startMs;
    calls += callsMax;
  }
  return (elapsedMs * 1000) / calls;
}

/**
 * Bytes of one call: by how much the heap grows over some calls, where no garbage collection falls
 * among them. None is forced before: it would drop optimised code, and what runs instead takes more.
 */
async function allocated(stage: Stage, windowBytes: number): Promise<number> {
  const { callsMax = COUNTED_CALLS, name, prepare } = stage;
  await timed(stage, WARM_UP_MS);
  const grown: number[] = [];
  for (let window = 0; window < WINDOWS_MAX && grown.length < WINDOWS; window += 1) {
    const call = await prepare(callsMax);
    const collections = new GCProfiler();
    collections.start();
    const before = heapBytes();
    await repeat(call, callsMax);
    const after = heapBytes();
    const isWhole = collections.stop().statistics.length === 0;
    if (isWhole) grown.push((after - before - windowBytes) / callsMax);
  }
  if (grown.length === WINDOWS) return summary(grown).median;
  throw new Error(`${name} takes too many bytes to be counted between two garbage collections`);
}

function heapBytes(): number {
  return getHeapStatistics().used_heap_size;
}

/** Reachable from everywhere, so that no call can be optimised away with what it gives. */
const consumed: { last: unknown } = { last: undefined };

async function repeat(call: Call, calls: number): Promise<void> {
  for (let i = 0; i < calls; i += 1) {
    const given = call();
    consumed.last = given instanceof Promise ? await given : given;
    if (consumed.last === undefined) throw new Error('a call gave nothing');
  }
}

/** An array object of four words, and its hundred numbers behind a header of two. */
const KNOWN_BYTES = (4 + 100 + 2) * 8;

/** The bytes that a window takes itself; throws where an object of a known size counts wrongly. */
async function checkedWindowBytes(): Promise<number> {
  const nothing = fixed('nothing', () => consumed);
  const windowBytes = (await allocated(nothing, 0)) * COUNTED_CALLS;
  const known = fixed('an array', () => new Array(100).fill(0));
  const bytes = await allocated(known, windowBytes);
  if (Math.abs(bytes - KNOWN_BYTES) <= 1) return windowBytes;
  throw new Error(`an array of ${KNOWN_BYTES} bytes was counted as ${bytes}`);
}

/** The call is made once: a function that is made anew each time is not optimised for long. */
function fixed(name: string, call: Call): Stage {
  return { name, vendor: '', prepare: () => call };
}
