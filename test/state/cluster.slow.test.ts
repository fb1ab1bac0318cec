import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Child, end, run, shell } from '../support/child.ts';
import { hasPostgres, reasonToSkip, START_MS_MAX } from './postgres-server.ts';

const skips = reasonToSkip('npm run cluster', 'postgresql') !== undefined;

/** All processes whose command matches, as `pid command`. */
function processes(pattern: string): string[] {
  const { stdout } = spawnSync('pgrep', ['-af', pattern], { encoding: 'utf8' });
  return stdout.split('\n').filter((line) => line !== '' && !line.includes('pgrep'));
}

describe.skipIf(skips)('npm run cluster', () => {
  let child: Child;
  let origins: string[];
  let patterns: string[];

  beforeAll(async () => {
    child = shell('npm run -s cluster -- --port 0');
    await child.says(/Ctrl-C stops all/, START_MS_MAX);
    origins = [...child.stdout().matchAll(/^gateway \d +(http:\S+)$/gm)].map(([, at = '']) => at);
    const [, folder = ''] = /serve --config (\S+)/.exec(processes('serve --config').join()) ?? [];
    const [, port = ''] = /^PostgreSQL \S+:(\d+)\/state$/m.exec(child.stdout()) ?? [];
    patterns = [`serve --config ${folder}`, `postgres.* -p ${port}`, 'support/cluster/main'];
  }, START_MS_MAX);
  afterAll(() => end(child));

  test('prints three gateways, and a receipt of one is read at another', async () => {
    expect(origins).toHaveLength(3);
    const lines = child.stdout().split('\n');
    const patch = lines.find((line) => line.startsWith('curl -X PATCH')) ?? '';
    const { stdout } = await run(shell(`${patch} -s`));
    const { write } = JSON.parse(stdout);
    expect(write).toMatchObject({ outcome: 'applied', lockScope: 'global' });
    const receipts = lines.find((line) => /^curl \S+\/admin\/receipts$/.test(line)) ?? '';
    expect(patch).toContain(origins[0]);
    expect(receipts).toContain(origins[2]);
    // An end is stored after its answer.
    await vi.waitFor(async () => {
      const read = await run(shell(`${receipts} -s`));
      expect(JSON.parse(read.stdout)).toMatchObject({ receipts: [{ outcome: 'applied' }] });
    });
  });

  test('leaves nothing behind when it is stopped', async () => {
    expect(patterns.map((pattern) => processes(pattern).length > 0)).toEqual([true, true, true]);
    child.kill('SIGINT');
    await child.ended;
    expect(child.stderr()).toMatch(/^stopping$/m);
    expect(patterns.flatMap(processes)).toEqual([]);
  });
});

test('arguments that cannot be used are reported', async () => {
  const { code, stderr } = await run(shell('npm run -s cluster -- --gateways 4'));
  expect({ code, stderr }).toMatchObject({ code: 64, stderr: expect.stringContaining('usage: ') });
});

test.skipIf(hasPostgres())('a missing PostgreSQL is reported', async () => {
  const { code, stderr } = await run(shell('npm run -s cluster'));
  expect({ code, stderr }).toMatchObject({ code: 69, stderr: expect.stringMatching(/apt-get/) });
});
