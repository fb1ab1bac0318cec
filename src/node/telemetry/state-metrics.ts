import { Counter, Gauge, type Registry } from 'prom-client';
import { STATE_BATCH_MAX } from '../../limits.ts';
import type { StateMeter } from '../../telemetry/metrics.ts';
import { createCounter, createHistogram } from './prometheus-series.ts';

/** From a write to a file of this machine to the longest wait for a database, in seconds. */
const STATEMENT_SECONDS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];
const BATCH_SIZES = [1, 2, 4, 8, 16, 32, 64, 128, STATE_BATCH_MAX];

/** Creates the series of a state that replicas share. */
export function createStateMetrics(registry: Registry): StateMeter {
  const statements = statementMetrics(registry);
  const ends = endMetrics(registry);
  const gauges = stateGauges(registry);
  return {
    statement: (statement, durationMs, items) => {
      statements.seconds([statement], durationMs / 1000);
      if (items !== undefined) statements.sizes([statement], items);
    },
    recovered: (outcome) => ends.recovered([outcome]),
    fenced: (isLate) => {
      ends.fenced.inc();
      if (isLate) ends.sentLate.inc();
    },
    load: ({ ending, held, isReachable, replicas }) => {
      gauges.up.set(isReachable ? 1 : 0);
      gauges.replicas.set(replicas);
      gauges.leases.set(held);
      gauges.ending.set(ending);
    },
    counts: (inDoubt = Number.NaN, deadRows = Number.NaN) => {
      gauges.inDoubt.set(inDoubt);
      gauges.deadRows.set(deadRows);
    },
  };
}

function statementMetrics(registry: Registry) {
  const labelNames = ['statement'];
  return {
    seconds: createHistogram(
      registry,
      {
        name: 'profile_gateway_state_seconds',
        help: 'Time that one call to the state took, whether it failed or not.',
        labelNames,
      },
      STATEMENT_SECONDS,
    ),
    sizes: createHistogram(
      registry,
      {
        name: 'profile_gateway_state_batch_size',
        help: 'Writes that one call to the state was for.',
        labelNames,
      },
      BATCH_SIZES,
    ),
  };
}

function endMetrics(registry: Registry) {
  const registers = [registry];
  return {
    recovered: createCounter(registry, {
      name: 'profile_gateway_state_recovered_total',
      help: 'Writes of lost replicas that this one has closed, by their outcome.',
      labelNames: ['outcome'],
    }),
    fenced: new Counter({
      name: 'profile_gateway_state_fenced_total',
      help: 'Writes of this replica that another one has closed.',
      registers,
    }),
    sentLate: new Counter({
      name: 'profile_gateway_state_sent_late_total',
      help: 'Those of them that may have been sent after that.',
      registers,
    }),
  };
}

function stateGauges(registry: Registry) {
  const gauge = (name: string, help: string): Gauge =>
    new Gauge({ name: `profile_gateway_state_${name}`, help, registers: [registry] });
  return {
    up: gauge('up', '1 while the state answers, else 0.'),
    replicas: gauge('replicas', 'Open sessions of all replicas, as the last beat showed them.'),
    leases: gauge('leases', 'Profiles that this replica holds.'),
    inDoubt: gauge('in_doubt', 'Profiles in doubt, of all replicas; NaN where it is not known.'),
    deadRows: gauge(
      'lease_dead_rows',
      'Rows of leases that wait to be cleaned up; NaN where there are none or it is not known.',
    ),
    ending: gauge('ending', 'Writes of this replica that have ended and are not stored yet.'),
  };
}
