import type { Registry } from 'prom-client';

/**
 * Ways in which metrics of several processes become one, where that is neither the sum nor what
 * prom-client says: shares and lags of processes are shown as the worst of them.
 */
const AGGREGATORS: ReadonlyMap<string, 'max' | 'min'> = new Map([
  ['profile_gateway_build_info', 'max'],
  ['profile_gateway_circuit_breaker_state', 'max'],
  ['profile_gateway_state_up', 'min'],
  ['profile_gateway_state_replicas', 'max'],
  ['profile_gateway_state_in_doubt', 'max'],
  ['profile_gateway_state_lease_dead_rows', 'max'],
  ['process_start_time_seconds', 'min'],
  ['process_max_fds', 'min'],
]);
const LAG = /^nodejs_eventloop_lag/;

/** Lists the metrics of a registry as plain data, each with the way in which it is added up. */
export async function seriesOf(registry: Registry): Promise<unknown> {
  const metrics = await registry.getMetricsAsJSON();
  return metrics.map(({ aggregator = 'sum', help, name, type, values }) => ({
    name,
    help,
    type,
    aggregator: AGGREGATORS.get(name) ?? (LAG.test(name) ? 'max' : aggregator),
    // NaN, which is no JSON, says that a value is not known.
    values: values.filter(({ value }) => Number.isFinite(value)).map(withAllLabels),
  }));
}

/** Adds the labels that our own samples keep apart. */
function withAllLabels<Value extends { readonly labels: object }>(value: Value) {
  if (!('sharedLabels' in value)) return value;
  const { sharedLabels, ...sample } = value;
  return { ...sample, labels: Object.assign({}, value.labels, sharedLabels) };
}
