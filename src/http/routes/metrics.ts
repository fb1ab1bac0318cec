import { METRICS_TYPE, type Meter } from '../../telemetry/metrics.ts';
import type { Handler } from '../pipeline.ts';
import { respond } from '../responses.ts';

/** `GET /metrics`; the gauges of targets are set when they are read. */
export function showMetrics(meter: Meter): Handler {
  return async (c) => {
    for (const { circuitBreaker, limiter, name } of c.get('gateway').targets.values()) {
      const { inFlight, waiting } = limiter.counts();
      meter.circuitBreaker(name, circuitBreaker.state());
      meter.load(name, inFlight, waiting);
    }
    return respond(c, 200, METRICS_TYPE, await meter.exposition());
  };
}
