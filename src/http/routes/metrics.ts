import type { Meter } from '../../telemetry/metrics.ts';
import type { Target } from '../../upstream/target.ts';

/** Sets the gauges of all targets to what holds now. */
export function meterTargets(targets: ReadonlyMap<string, Target>, meter: Meter): void {
  for (const { breaker, name, slots } of targets.values()) {
    const { inFlight, waiting } = slots.counts();
    meter.breaker(name, breaker.state());
    meter.load(name, inFlight, waiting);
  }
}
