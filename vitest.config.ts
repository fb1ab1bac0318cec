import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'node',
          include: ['test/**/*.test.ts'],
          exclude: ['test/worker/**', '**/node_modules/**'],
          testTimeout: 60_000,
        },
      },
      {
        // What the properties take from the environment; Node's tests see all of it.
        envPrefix: ['FULL', 'SEED'],
        plugins: [cloudflareTest({ wrangler: { configPath: './wrangler.toml' } })],
        test: {
          name: 'workerd',
          // One reads the files of the project, which workerd cannot; what judges the suite itself
          // says the same on every runtime.
          exclude: ['test/conformance/tidy.test.ts', 'test/conformance/mutants-*.test.ts'],
          include: [
            'test/conformance/**/*.test.ts',
            'test/signing/**/*.test.ts',
            'test/worker/**/*.test.ts',
          ],
          testTimeout: 60_000,
        },
      },
    ],
  },
});
