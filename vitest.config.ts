import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

const SLOW = 'test/**/*.slow.test.ts';
/** Slow tests that compare times. */
const TIMED = [
  'test/{bench,integration/limits,soak}/**/*.slow.test.ts',
  'test/integration/lifecycle/{ends-within-drain,reload-load}.slow.test.ts',
  'test/unit/{auth/key-timing,writes/many-changes}.slow.test.ts',
];
const OF_REPLICAS = 'test/state/{chaos,failover,kills,rolling,workers}/**/*.slow.test.ts';
const IN_WORKERD = 'test/workers/workerd/**';
const testTimeout = 60_000;
/** Halves the processor time that each process of a gateway takes to start. */
const env = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compile', import.meta.url)),
};

export default defineConfig({
  test: {
    globalSetup: 'test/support/built-gateway.ts',
    // Many tests wait more than they compute, so that more processes than cores pay.
    maxWorkers: Math.ceil(1.5 * availableParallelism()),
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: [SLOW, IN_WORKERD, '**/node_modules/**'],
          testTimeout,
          env,
          // A process per file would load the gateway and its dependencies 120 times.
          isolate: false,
        },
      },
      {
        test: {
          name: 'slow',
          include: [SLOW],
          exclude: [...TIMED, OF_REPLICAS, IN_WORKERD, '**/node_modules/**'],
          testTimeout,
          env,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'timed',
          include: TIMED,
          testTimeout,
          env,
          // They compare times: nothing runs beside them, and they run after the others.
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
      {
        test: {
          name: 'replicas',
          include: [OF_REPLICAS],
          testTimeout,
          env,
          // They wait for sessions to end, so that they run beside each other; after all others.
          sequence: { groupOrder: 3 },
        },
      },
      {
        // What the properties take from the environment; Node's tests see all of it.
        envPrefix: ['FULL', 'SEED'],
        plugins: [
          cloudflareTest({
            wrangler: { configPath: './wrangler.toml' },
            miniflare: { bindings: { STATE_HASH_KEY: 'key-of-hashes-of-the-tests' } },
          }),
        ],
        test: {
          name: 'workerd',
          isolate: false,
          // Judging the suite itself gives the same result on every runtime; the fixture vendor's
          // test reads files, which workerd cannot.
          exclude: [SLOW, 'test/conformance/mutants/**', 'test/conformance/fifth-vendor/**'],
          include: [
            'test/conformance/**/*.test.ts',
            'test/adapters/*/signing.test.ts',
            'test/workers/workerd/**/*.test.ts',
          ],
          testTimeout,
        },
      },
    ],
  },
});
