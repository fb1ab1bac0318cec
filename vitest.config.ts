import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/workers/workerd/**', '**/node_modules/**'],
          testTimeout: 60_000,
        },
      },
      {
        // What the properties take from the environment; Node's tests see all of it.
        envPrefix: ['FULL', 'SEED'],
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
        test: {
          name: 'workerd',
          // Judging the suite itself gives the same result on every runtime; the fixture vendor's
          // test reads files, which workerd cannot.
          exclude: ['test/conformance/mutants/**', 'test/conformance/fifth-vendor/**'],
          include: [
            'test/conformance/**/*.test.ts',
            'test/adapters/*/signing.test.ts',
            'test/workers/workerd/**/*.test.ts',
          ],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
