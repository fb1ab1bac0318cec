import type { ConfigSnapshot } from '../../config/snapshot.ts';
import { METRICS_TYPE, type Meter } from '../../telemetry/metrics.ts';
import type { Handler } from '../pipeline.ts';
import { respond } from '../responses.ts';
import type { StateOperations, StatePart } from './state-operations.ts';

/** `GET /metrics`. */
export function showMetrics(meter: Meter, { operations }: StatePart): Handler {
  return async (c) => {
    await setGauges(meter, c.get('gateway'), operations);
    return respond(c, 200, METRICS_TYPE, await meter.exposition());
  };
}

/** Sets the gauges of targets and of the state, which are read only when somebody asks. */
export async function setGauges(
  meter: Meter,
  { targets }: Pick<ConfigSnapshot, 'targets'>,
  operations: Pick<StateOperations, 'view' | 'figures'> | undefined,
): Promise<void> {
  for (const { circuitBreaker, limiter, name } of targets.values()) {
    const { inFlight, waiting } = limiter.counts();
    meter.circuitBreaker(name, circuitBreaker.state());
    meter.load(name, inFlight, waiting);
  }
  if (operations === undefined) return;
  const { ending, held, isReachable, replicas } = operations.view();
  const state = meter.state();
  state.load({ isReachable, replicas: replicas.length, held, ending });
  // Nobody waits for a state that does not answer.
  const figures = isReachable ? await operations.figures().catch(() => undefined) : undefined;
  state.counts(figures?.inDoubt, figures?.deadRows);
}
