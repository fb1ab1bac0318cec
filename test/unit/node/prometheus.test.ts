import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createMetrics } from '../../../src/node/telemetry/prometheus.ts';

test('the gateway has these metrics, and all others are those of the process', async () => {
  const names = [...(await createMetrics().exposition()).matchAll(/^# TYPE (\S+) /gm)].map(
    ([, name = '']) => name,
  );
  expect(names.filter((name) => !/^(?:process|nodejs)_/.test(name)).toSorted()).toEqual([
    'profile_gateway_build_info',
    'profile_gateway_circuit_breaker_state',
    'profile_gateway_field_losses_total',
    'profile_gateway_field_unconfirmed_total',
    'profile_gateway_request_duration_seconds',
    'profile_gateway_requests_total',
    'profile_gateway_token_requests_total',
    'profile_gateway_upstream_duration_seconds',
    'profile_gateway_upstream_requests_in_flight',
    'profile_gateway_upstream_requests_queued',
    'profile_gateway_upstream_requests_total',
    'profile_gateway_upstream_retries_total',
  ]);
});

test('the version of the package is a label', async () => {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
  expect(version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(await createMetrics().exposition()).toContain(
    `profile_gateway_build_info{version="${version}"} 1\n`,
  );
});
