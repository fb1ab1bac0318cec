import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { METERED_TARGETS_MAX } from '../../limits.ts';
import { BREAKER_STATES, type Meter, type StateMeter } from '../../telemetry/metrics.ts';
import { VERSION } from '../version.ts';
import { createCounter, createHistogram, REQUEST_SECONDS } from './prometheus-series.ts';
import { seriesOf } from './shared-series.ts';
import { createStateMetrics } from './state-metrics.ts';

/** Gauges of the process whose names say that they were counters. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** A meter whose series another process can add to its own. */
export type SharingMeter = Meter & { readonly series: () => Promise<unknown> };

/** Counts in Prometheus' text format, with those of the process: memory, handles, event loop. */
export function createMetrics(): SharingMeter {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  registerBuildInfo(registry);
  const requests = requestMetrics(registry);
  const upstream = upstreamMetrics(registry);
  const bounded = createBound();
  let ofState: StateMeter | undefined;
  return {
    request: ({ code, durationMs, method, outcome, route, target, vendor }) => {
      requests.ended([route, method, bounded(target), vendor, outcome, code]);
      requests.durations([route, method], durationMs / 1000);
    },
    step: ({ durationMs, status, step, target, vendor }) => {
      const known = bounded(target);
      upstream.ended([known, vendor, step, status]);
      upstream.durations([known, step], durationMs / 1000);
    },
    retry: (target, step) => upstream.retries.inc({ target: bounded(target), step }),
    tokenRequest: (target, result) => upstream.tokens.inc({ target: bounded(target), result }),
    loss: (target, field) => requests.losses.inc({ target: bounded(target), field }),
    unconfirmed: (target, field) => requests.unconfirmed.inc({ target: bounded(target), field }),
    circuitBreaker: (target, state) => {
      for (const known of BREAKER_STATES) {
        upstream.circuitBreaker.set(
          { target: bounded(target), state: known },
          known === state ? 1 : 0,
        );
      }
    },
    load: (target, inFlight, queued) => {
      upstream.inFlight.set({ target: bounded(target) }, inFlight);
      upstream.queued.set({ target: bounded(target) }, queued);
    },
    state: () => {
      ofState ??= createStateMetrics(registry);
      return ofState;
    },
    exposition: () => registry.metrics(),
    series: () => seriesOf(registry),
  };
}

function registerBuildInfo(registry: Registry): void {
  const gauge = new Gauge({
    name: 'profile_gateway_build_info',
    help: 'The version of the gateway; always 1.',
    labelNames: ['version'],
    registers: [registry],
  });
  gauge.set({ version: VERSION }, 1);
}

function requestMetrics(registry: Registry) {
  const registers = [registry];
  return {
    ended: createCounter(registry, {
      name: 'profile_gateway_requests_total',
      help: 'Requests of callers, by how they ended.',
      labelNames: ['route', 'method', 'target', 'vendor', 'outcome', 'code'],
    }),
    durations: createHistogram(
      registry,
      {
        name: 'profile_gateway_request_duration_seconds',
        help: 'Time from the headers of a request to its answer.',
        labelNames: ['route', 'method'],
      },
      REQUEST_SECONDS,
    ),
    losses: new Counter({
      name: 'profile_gateway_field_losses_total',
      help: 'Members of patches that a target could not take as given, by field.',
      labelNames: ['target', 'field'],
      registers,
    }),
    unconfirmed: new Counter({
      name: 'profile_gateway_field_unconfirmed_total',
      help: 'Members of patches that a target took and did not show, by field.',
      labelNames: ['target', 'field'],
      registers,
    }),
  };
}

function upstreamMetrics(registry: Registry) {
  const registers = [registry];
  return {
    ended: createCounter(registry, {
      name: 'profile_gateway_upstream_requests_total',
      help: 'Requests to targets, by class of status or by why there was no answer.',
      labelNames: ['target', 'vendor', 'step', 'status'],
    }),
    durations: createHistogram(
      registry,
      {
        name: 'profile_gateway_upstream_duration_seconds',
        help: 'Time that targets took for one request.',
        labelNames: ['target', 'step'],
      },
      REQUEST_SECONDS,
    ),
    retries: new Counter({
      name: 'profile_gateway_upstream_retries_total',
      help: 'Requests to targets that were sent again.',
      labelNames: ['target', 'step'],
      registers,
    }),
    tokens: new Counter({
      name: 'profile_gateway_token_requests_total',
      help: 'Tokens asked for, the first one included.',
      labelNames: ['target', 'result'],
      registers,
    }),
    circuitBreaker: new Gauge({
      name: 'profile_gateway_circuit_breaker_state',
      help: 'State of the circuit breaker of a target: 1 for the one it is in.',
      labelNames: ['target', 'state'],
      registers,
    }),
    inFlight: new Gauge({
      name: 'profile_gateway_upstream_requests_in_flight',
      help: 'Requests to a target that are under way.',
      labelNames: ['target'],
      registers,
    }),
    queued: new Gauge({
      name: 'profile_gateway_upstream_requests_queued',
      help: 'Requests to a target that wait to be sent.',
      labelNames: ['target'],
      registers,
    }),
  };
}

/** Names of targets as labels. Reloads may bring ever new ones: beyond a bound they are `other`. */
function createBound(): (target: string) => string {
  const known = new Set<string>();
  return (target) => {
    if (known.has(target)) return target;
    if (known.size >= METERED_TARGETS_MAX) return 'other';
    known.add(target);
    return target;
  };
}
