import { expect, test } from 'vitest';
import { readTracingSettings } from '../../../src/node/telemetry/otel-variables.ts';

const ENDPOINT = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector.test:4318' };
const DEFAULTS = { sampler: 'always_on', isParentBased: true, ratio: 1, batches: {} };

function read(variables: Record<string, string>) {
  const warnings: string[] = [];
  const settings = readTracingSettings(variables, (message) => warnings.push(message));
  return { settings, warnings };
}

test.each<Record<string, string>>([
  ENDPOINT,
  { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'https://collector.test/v1/traces' },
  { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: '' },
  { ...ENDPOINT, OTEL_SDK_DISABLED: '' },
  { ...ENDPOINT, OTEL_SDK_DISABLED: 'FALSE' },
  { ...ENDPOINT, OTEL_TRACES_EXPORTER: ' ' },
  { OTEL_TRACES_EXPORTER: 'OTLP' },
  { ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'HTTP/protobuf' },
  {
    ...ENDPOINT,
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/protobuf',
  },
  { ...ENDPOINT, OTEL_TRACES_SAMPLER: '', OTEL_TRACES_SAMPLER_ARG: '' },
  { ...ENDPOINT, OTEL_BSP_SCHEDULE_DELAY: '' },
])('spans are exported with %j', (variables) => {
  expect(read(variables)).toEqual({ settings: DEFAULTS, warnings: [] });
});

test.each<[Record<string, string>, string[]]>([
  [{}, []],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: ' ' }, []],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: 'True' }, []],
  [{ ...ENDPOINT, OTEL_SDK_DISABLED: ' TRUE ' }, []],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'none' }, []],
  [{ ...ENDPOINT, OTEL_TRACES_EXPORTER: 'zipkin' }, ['OTEL_TRACES_EXPORTER']],
  [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' }, ['OTEL_EXPORTER_OTLP_ENDPOINT']],
  [
    { ...ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'x' },
    ['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
  ],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json' }, ['OTEL_EXPORTER_OTLP_PROTOCOL']],
  [{ ...ENDPOINT, OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, ['OTEL_EXPORTER_OTLP_PROTOCOL']],
])('nothing is exported with %j', (variables, warned) => {
  const { settings, warnings } = read(variables);
  expect(settings).toBeUndefined();
  expect(warnings.map((message) => message.split(' ')[0])).toEqual(warned);
});

test.each<[Record<string, string>, object, string[]]>([
  [{ OTEL_TRACES_SAMPLER: 'Always_Off' }, { sampler: 'always_off', isParentBased: false }, []],
  [
    { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' },
    { sampler: 'traceidratio', ratio: 0.25 },
    [],
  ],
  [
    { OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '25%' },
    { sampler: 'traceidratio', ratio: 1 },
    ['OTEL_TRACES_SAMPLER_ARG'],
  ],
  [{ OTEL_TRACES_SAMPLER: 'jaeger_remote' }, DEFAULTS, ['OTEL_TRACES_SAMPLER']],
  [
    { OTEL_BSP_SCHEDULE_DELAY: '100', OTEL_BSP_MAX_QUEUE_SIZE: '10', OTEL_BSP_EXPORT_TIMEOUT: '0' },
    { batches: { scheduledDelayMillis: 100, maxQueueSize: 10 } },
    ['OTEL_BSP_EXPORT_TIMEOUT'],
  ],
])('%j is read', (variables, expected, warned) => {
  const { settings, warnings } = read({ ...ENDPOINT, ...variables });
  expect(settings).toMatchObject(expected);
  expect(warnings.map((message) => message.split(' ')[0])).toEqual(warned);
});
