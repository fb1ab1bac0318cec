import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../src/adapter-kit/index.ts';
import { CLI, node, run } from '../../support/child.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-workers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const target = {
  vendor: 'nerm',
  baseUrl: 'http://127.0.0.1:9/api',
  auth: { method: 'token', token: 'an-api-key-not-real', scheme: 'Bearer' },
};

function serve(document: JsonObject, ...flags: string[]) {
  const file = join(folder, 'gateway.json');
  writeFileSync(file, JSON.stringify({ version: 1, targets: { acme: target }, ...document }));
  return run(node([CLI, '--config', file, ...flags]));
}

describe('workers do not start', () => {
  test('without a state outside their memory: 78', async () => {
    const { code, stderr } = await serve({}, '--workers', '2', '--port', '0');
    expect({ code, stderr }).toEqual({
      code: 78,
      stderr:
        'state: is missing: with --workers it must be in a file or a database, since a process ' +
        'that keeps it in memory does not know what the others write\n',
    });
  });

  test('without a configuration: 78', async () => {
    const { code, stderr } = await run(node([CLI, '--or-sandbox', '--workers', '2']));
    expect(code).toBe(78);
    expect(stderr).toBe('--workers: needs --config FILE, whose state the workers share\n');
  });

  test('with one that cannot be used: 78, its problems printed once', async () => {
    const { code, stderr } = await serve({ state: { file: '' } }, '--workers', '2');
    expect(code).toBe(78);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(stderr).toContain('state.file');
  });

  test('where the address is in use: 69', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const state = { file: './state.db' };
    const { code, stderr } = await serve({ state }, '--workers', '2', '--port', `${port}`);
    server.close();
    expect(code).toBe(69);
    expect(stderr).toContain('it is in use');
  });

  test.each(['0', '65', '2.5', 'two', ''])('for --workers=%s: 64', async (written) => {
    const { code, stderr } = await serve({}, `--workers=${written}`);
    expect(code).toBe(64);
    expect(stderr).toContain('--workers: must be a number, 1 to 64\nusage:');
  });
});
