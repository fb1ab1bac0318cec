import type { Meter } from '../../telemetry/metrics.ts';
import type { Target } from '../../upstream/target.ts';

/** Sets the gauges of all targets to what holds now. */
export function meterTargets(targets: ReadonlyMap<string, Target>, meter: Meter): void {
  for (const { circuitBreaker, name, limiter } of targets.values()) {
    const { inFlight, waiting } = limiter.counts();
    meter.circuitBreaker(name, circuitBreaker.state());
    meter.load(name, inFlight, waiting);
  }
}
