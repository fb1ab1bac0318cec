import { hostname } from 'node:os';
import type { ProcessStats } from '../../http/routes/overview/stats.ts';
import { countedBy, createHourStats } from '../../telemetry/hour-stats.ts';
import type { Meter } from '../../telemetry/metrics.ts';

/** A meter, and the counts of its last hour. */
export type CountedMeter = {
  readonly meter: Meter;
  readonly hour: () => ProcessStats;
};

/** Counts what goes to `meter` for `/admin/stats` too. */
export function countHour(meter: Meter, now: () => number): CountedMeter {
  const stats = createHourStats(now);
  const name = `${hostname()}/${process.pid}`;
  return {
    meter: countedBy(stats, meter),
    hour: () => ({ process: name, slots: stats.read() }),
  };
}
