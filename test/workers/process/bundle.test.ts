import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ROOT } from './worker.ts';

/** Largest script that is deployed, compressed; a Worker on the free plan may have 3 MB. */
const BUNDLE_GZIP_KIB_MAX = 136;

const folder = mkdtempSync(join(tmpdir(), 'profile-gateway-bundle-'));
let bundle = '';
let told = '';

beforeAll(() => {
  // The test runner's NODE_ENV would put the sandboxes inside.
  const { NODE_ENV: _ours, ...env } = process.env;
  const wrangler = join(ROOT, 'node_modules/wrangler/bin/wrangler.js');
  const deploy = [wrangler, 'deploy', '--dry-run', '--outdir', folder];
  told = execFileSync(process.execPath, deploy, { cwd: ROOT, env, encoding: 'utf8' });
  bundle = readFileSync(join(folder, 'main.js'), 'utf8');
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true }));

test(`what is deployed has at most ${BUNDLE_GZIP_KIB_MAX} KiB`, () => {
  const toldKib = Number(/gzip: ([\d.]+) KiB/.exec(told)?.[1]);
  expect(toldKib).toBeCloseTo(gzipSync(bundle).length / 1024, 0);
  expect(toldKib).toBeLessThanOrEqual(BUNDLE_GZIP_KIB_MAX);
});

test('it has all vendors', () => {
  for (const vendor of ['senlin', 'nerm', 'iam', 'naver']) expect(bundle).toContain(`"${vendor}"`);
});

test('it has no API of Node and no transport of Node', () => {
  expect(bundle).not.toMatch(/["'`]node:/);
  expect(bundle).not.toMatch(/undici/i);
});

test('it has nothing of the sandboxes', () => {
  expect(bundle).not.toMatch(/sandbox-|sandboxes\.invalid|SANDBOX(?:NCP)?ACCESSKEY/);
});
