import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createSandboxSet,
  type SandboxSet,
  sandboxConfiguration,
} from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes as factories } from '../../../adapters/sandboxes.ts';
import { type Listening, listen } from '../../../src/node/http-server/server.ts';
import { CLI, node, run } from '../../support/child.ts';
import { close } from '../../support/gateway.ts';
import { NAVER, NERM, SENLIN } from '../../support/profiles.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-explain-'));
let set: SandboxSet;
let sandboxes: Listening;
let requests = 0;
let config: string;

beforeAll(async () => {
  set = createSandboxSet(Date.now, factories);
  const count = (request: Request) => {
    requests += 1;
    return set.fetch(request);
  };
  sandboxes = await listen(count, '127.0.0.1', 0);
  const { targets } = sandboxConfiguration(set, sandboxes.origin);
  const callers = { portal: { key: 'key-of-the-portal', scopes: ['profiles:write'] } };
  config = file('gateway.yaml', JSON.stringify({ version: 1, targets, callers }));
});
afterAll(async () => {
  await close(sandboxes);
  rmSync(folder, { recursive: true });
});

function file(name: string, text: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function explain(...args: readonly string[]) {
  return run(node([CLI, 'explain', ...args]));
}

function journal(): number {
  return [...set.byFolder.values()].flatMap((sandbox) => sandbox.journal()).length;
}

describe('explains without a server', () => {
  test('and asks nobody', async () => {
    const patch = file('name.json', '{"status":"on_leave","attributes":{"cost_centre":"4711"}}');
    const asked = requests;
    const { code, stderr, stdout } = await explain('--config', config, NERM, patch);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const explanation = JSON.parse(stdout);
    expect(explanation).toMatchObject({
      id: NERM,
      target: 'nerm-demo',
      prediction: 'write',
      // The operator's right, although the configuration has callers.
      route: [{ matched: true }],
      requests: [
        {
          method: 'PATCH',
          body: '{"profile":{"status":"On Leave","attributes":{"cost_centre":"4711"}}}',
          headers: { authorization: 'Bearer «secret:auth.token»' },
        },
      ],
    });
    expect(explanation).not.toHaveProperty('before');
    expect(requests).toBe(asked);
  });

  test('reads with --read, and never writes', async () => {
    const patch = file('read.json', '{"attributes":{"owner":"blue","ratio":1.50}}');
    const { code, stdout } = await explain('--read', SENLIN, patch, '--config', config);
    expect(code).toBe(0);
    const explanation = JSON.parse(stdout);
    expect(explanation.before).toMatchObject({ id: SENLIN });
    expect(explanation.before.attributes).toEqual({});
    expect(explanation.after).toMatchObject({ attributes: { owner: 'blue' } });
    expect(explanation.requests.map(({ step }: { step: string }) => step)).toEqual([
      'token',
      'read',
      'profile',
    ]);
    expect(stdout).toContain(String.raw`\"ratio\":1.50`);
    expect(stdout).not.toContain('sandbox-password');
    expect(journal()).toBe(0);
  });

  test('drops with --lenient what it refuses without', async () => {
    const patch = file('lenient.json', '{"description":"kept","attributes":{"a":"b"}}');
    const strict = await explain('--config', config, NAVER, patch);
    expect(strict.code).toBe(0);
    expect(JSON.parse(strict.stdout)).toMatchObject({
      prediction: 'rejected',
      requests: [],
      problem: { code: 'unsupported_patch', errors: [{ pointer: '/attributes/a' }] },
    });
    const lenient = await explain('--config', config, '--lenient', NAVER, patch);
    expect(JSON.parse(lenient.stdout)).toMatchObject({
      prediction: 'write',
      losses: [{ pointer: '/attributes/a', kind: 'dropped' }],
    });
  });
});

describe('tells what is wrong', () => {
  test.each([
    ['nothing', []],
    ['no patch', ['--config', 'x.yaml', NERM]],
    ['no configuration', [NERM, 'x.json']],
    ['one too many', ['--config', 'x.yaml', NERM, 'x.json', 'y.json']],
    ['an unknown flag', ['--write', '--config', 'x.yaml', NERM, 'x.json']],
  ])('%s is 64, with the usage', async (_, args) => {
    const { code, stderr, stdout } = await explain(...args);
    expect({ code, stdout }).toEqual({ code: 64, stdout: '' });
    expect(stderr).toContain('usage: profile-gateway explain --config FILE');
    expect(stderr).not.toMatch(/^ +at /m);
  });

  test.each([
    ['nowhere:1', /^unknown_target: /],
    ['plain', /^route_not_found: /],
    ['nerm-demo:1', /^invalid_id: /],
  ])('the id %s is 64', async (id, words) => {
    const patch = file('id.json', '{"name":"x"}');
    const result = await explain('--config', config, id, patch);
    expect(result).toEqual({ code: 64, stdout: '', stderr: expect.stringMatching(words) });
  });

  test('a configuration is 78, every problem with its path', async () => {
    const broken = file('broken.yaml', 'version: 1\ntargets: { a: { vendor: nobody } }\nmore: 1\n');
    const patch = file('any.json', '{}');
    const result = await explain('--config', broken, NERM, patch);
    expect(result.code).toBe(78);
    expect(result.stderr).toMatch(/^targets\.a\.vendor: /m);
    expect(result.stderr).toMatch(/^more: /m);
    const missing = await explain('--config', join(folder, 'none.yaml'), NERM, patch);
    expect(missing).toMatchObject({ code: 78, stdout: '' });
  });

  test.each<[string, string | Uint8Array, RegExp]>([
    ['no JSON', '{', /not JSON/],
    ['no UTF-8', new Uint8Array([0x22, 0xff, 0x22]), /cannot be read/],
    ['too much', `{"name":"${'x'.repeat(256 * 1024)}"}`, /is larger than 262144 bytes/],
    ['a key twice', '{"name":"a","name":"b"}', /^\/name: .* \(duplicate_key\)$/m],
    [
      'a number that changes',
      '{"attributes":{"n":1e400}}',
      /^\/attributes\/n: .*number_not_exact/m,
    ],
    ['names outside the model', '{"colour":1,"name":2}', /^\/colour: [\s\S]*^\/name: /m],
    ['no object', '[]', /^the patch: a patch must be a JSON object/],
  ])('%s in the patch is 65', async (_, text, words) => {
    const patch = file('bad.json', text);
    const result = await explain('--config', config, NERM, patch);
    expect(result).toEqual({ code: 65, stdout: '', stderr: expect.stringMatching(words) });
  });

  test('a patch that is not there is 65', async () => {
    const result = await explain('--config', config, NERM, join(folder, 'none.json'));
    expect(result).toMatchObject({ code: 65, stderr: expect.stringContaining('ENOENT') });
  });

  test('a read that fails is 69, in the words of the gateway', async () => {
    const patch = file('any.json', '{"name":"x"}');
    const id = NERM.replace(/.$/, '0');
    const result = await explain('--config', config, '--read', id, patch);
    expect(result).toMatchObject({ code: 69, stdout: '' });
    expect(result.stderr).toMatch(/^profile_not_found: The target has no such profile/);
  });
});
