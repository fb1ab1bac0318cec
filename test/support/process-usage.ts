import { readdirSync, readFileSync } from 'node:fs';

/** A process as its system sees it (Linux). */
export type ProcessUsage = {
  /** Time of processors that it has taken so far, user and system. */
  readonly cpuMs: () => number;
  /** Time of processors that its first thread has taken so far. */
  readonly mainThreadMs: () => number;
  /** Memory that is in use, in MiB. */
  readonly residentMib: () => number;
  readonly descriptors: () => number;
};

/** Linux tells times to programs in hundredths of a second. */
const TICK_MS = 10;

export function usageOf(pid: number | undefined): ProcessUsage {
  const place = `/proc/${pid}`;
  return {
    cpuMs: () => {
      // Behind the name in brackets: utime and stime are the 12th and 13th, in ticks.
      const fields = readFileSync(`${place}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
    },
    // The first of the numbers is in nanoseconds.
    mainThreadMs: () => Number.parseInt(readFileSync(`${place}/schedstat`, 'utf8'), 10) / 1e6,
    residentMib: () => {
      const [, kib] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`${place}/status`, 'utf8')) ?? [];
      return Number(kib) / 1024;
    },
    descriptors: () => readdirSync(`${place}/fd`).length,
  };
}
