import { METRICS_TYPE, type Meter } from '../../telemetry/metrics.ts';
import type { Handler } from '../pipeline.ts';
import { respond } from '../responses.ts';
import type { StatePart } from './state-operations.ts';

/** `GET /metrics`; the gauges of targets and of the state are set when they are read. */
export function showMetrics(meter: Meter, { operations }: StatePart): Handler {
  return async (c) => {
    for (const { circuitBreaker, limiter, name } of c.get('gateway').targets.values()) {
      const { inFlight, waiting } = limiter.counts();
      meter.circuitBreaker(name, circuitBreaker.state());
      meter.load(name, inFlight, waiting);
    }
    if (operations !== undefined) {
      const { ending, held, isReachable, replicas } = operations.view();
      const state = meter.state();
      state.load({ isReachable, replicas: replicas.length, held, ending });
      // Nobody waits for a state that does not answer.
      const figures = isReachable ? await operations.figures().catch(() => undefined) : undefined;
      state.counts(figures?.inDoubt, figures?.deadRows);
    }
    return respond(c, 200, METRICS_TYPE, await meter.exposition());
  };
}
