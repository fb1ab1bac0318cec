// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are the configuration's own signs
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { VERSION } from '../../../src/node/version.ts';
import { type Child, CLI, end, LISTENING, node, run } from '../../support/child.ts';

const folder = mkdtempSync(join(tmpdir(), 'gateway-entry-'));
afterAll(() => rmSync(folder, { recursive: true }));

const ID = '33f072dd-13b4-41e1-8ea0-16f2a59b57c8';

function configuration(name: string, port: number, upstream = 'http://127.0.0.1:9'): string {
  const path = join(folder, name);
  const target = {
    vendor: 'nerm',
    baseUrl: upstream,
    auth: { method: 'token', token: '${TOKEN}' },
  };
  const listen = { host: '127.0.0.1', port, drainDelayMs: 0 };
  writeFileSync(path, JSON.stringify({ version: 1, listen, targets: { nerm: target } }));
  return path;
}

const env = { TOKEN: 'a-token-that-opens-nothing' };

function started(args: readonly string[], more: Record<string, string> = {}): Child {
  const child = node([CLI, ...args], { env: { ...env, ...more } });
  onTestFinished(() => end(child).then(() => {}));
  return child;
}

async function originOf(child: Child): Promise<string> {
  return (await child.says(LISTENING))[1] ?? '';
}

async function occupied(): Promise<{ server: Server; port: number }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => new Promise((resolve) => server.close(() => resolve())));
  return { server, port: (server.address() as AddressInfo).port };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

describe('what cannot be started is told in words', () => {
  test.each<[string, readonly string[], Record<string, string>, number, RegExp]>([
    ['no configuration', ['serve'], {}, 78, /^no configuration: start with --config FILE\n$/],
    ['a missing file', ['--config', 'missing.yaml'], {}, 78, /^missing\.yaml: cannot be read/],
    [
      'an unknown flag',
      ['--verbose'],
      {},
      64,
      /^Unknown option '--verbose'[\s\S]*\nusage: profile-gateway serve/,
    ],
    ['an argument', ['serve', 'gateway.yaml'], {}, 64, /usage: profile-gateway serve/],
    ['a flag without its value', ['--port'], {}, 64, /usage: profile-gateway serve/],
    [
      'a port that is a word',
      ['--or-sandbox', '--port', 'http'],
      {},
      64,
      /^--port: must be a port/,
    ],
    ['a port too high', ['--or-sandbox', '--port', '65536'], {}, 64, /^--port: must be a port/],
    ['a port below 0', ['--or-sandbox', '--port=-1'], {}, 64, /^--port: must be a port/],
    ['a blank port', ['--or-sandbox', '--port', ''], {}, 64, /^--port: must be a port/],
    ['a bad PORT', ['--or-sandbox'], { PORT: '80a' }, 64, /^PORT: must be a port/],
  ])('%s', async (_, args, more, code, words) => {
    const result = await run(node([CLI, ...args], { env: more }));
    expect(result).toEqual({ code, stdout: '', stderr: expect.stringMatching(words) });
    expect(result.stderr).not.toMatch(/^ +at /m);
  });

  test('every problem of a configuration, with its path', async () => {
    const path = join(folder, 'broken.yaml');
    writeFileSync(path, 'version: 2\ntargets:\n  a: { vendor: nobody }\nsurprise: 1\n');
    const { code, stderr } = await run(node([CLI, '--config', path]));
    expect(code).toBe(78);
    expect(stderr.split('\n').map((line) => line.split(':')[0])).toEqual(
      expect.arrayContaining(['version', 'targets.a.vendor', 'surprise']),
    );
  });

  test.each([
    ['serve', '--or-sandbox'],
    ['sandbox', '--host=127.0.0.1'],
  ])('%s at a port in use', async (subcommand, flag) => {
    const { port } = await occupied();
    const { code, stderr, stdout } = await run(
      node([CLI, subcommand, flag, '--port', String(port)]),
    );
    expect(stderr).toBe(`cannot listen on 127.0.0.1, port ${port}: it is in use\n`);
    expect({ code, stdout }).toEqual({ code: 69, stdout: '' });
  });

  test('a name of loopback that leads to an address of others, without callers', async () => {
    const path = join(folder, 'led-astray.json');
    const auth = { method: 'token', token: '${TOKEN}' };
    const nerm = { vendor: 'nerm', baseUrl: 'http://127.0.0.1:9', auth };
    const listen = { host: 'gateway.localhost', port: 0 };
    writeFileSync(path, JSON.stringify({ version: 1, listen, targets: { nerm } }));
    const astray = `data:text/javascript,${encodeURIComponent(
      "import dns from 'node:dns'; const found = [{ address: '0.0.0.0', family: 4 }];" +
        'dns.lookup = (_, options, done) => done(null, found);',
    )}`;
    const result = await run(node(['--import', astray, CLI, '--config', path], { env }));
    const message = 'gateway.localhost is 0.0.0.0 here, which is not loopback';
    expect(result).toMatchObject({ code: 78, stderr: `listen.host: ${message}: set callers\n` });
    expect(result.stdout).not.toContain('listening');
  });

  test('the sandboxes at a port that is none', async () => {
    const { code, stderr } = await run(node([CLI, 'sandbox', '--port', 'x']));
    expect({ code, stderr }).toEqual({ code: 64, stderr: '--port: must be a port, 0 to 65535\n' });
  });
});

describe('the port', () => {
  test('comes from the configuration', async () => {
    const port = await freePort();
    const child = started(['--config', configuration('own.json', port)]);
    expect(await originOf(child)).toBe(`http://127.0.0.1:${port}`);
  });

  test('comes from PORT before that', async () => {
    const { port } = await occupied();
    const child = started(['--config', configuration('env.json', port)], { PORT: '0' });
    expect((await fetch(`${await originOf(child)}/healthz`)).status).toBe(200);
  });

  test('comes from the flag before all', async () => {
    const [asked, ignored] = [await freePort(), await occupied()];
    const child = started(
      ['--config', configuration('flag.json', ignored.port), '--port', String(asked)],
      { PORT: String(ignored.port) },
    );
    expect(await originOf(child)).toBe(`http://127.0.0.1:${asked}`);
  });

  test('an empty PORT is none', async () => {
    const port = await freePort();
    const child = started(['--config', configuration('empty.json', port)], { PORT: '' });
    expect(await originOf(child)).toBe(`http://127.0.0.1:${port}`);
  });
});

describe('the log', () => {
  test('is a JSON object in each line', async () => {
    const child = started(['--config', configuration('log.json', 0)]);
    const origin = await originOf(child);
    await fetch(`${origin}/healthz`);
    await child.says(/"event":"request"/);
    expect(await end(child)).toBe(0);
    const lines = child
      .stdout()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.map(({ event }) => event)).toEqual(['listening', 'request', 'stopping']);
    expect(lines[0]).toMatchObject({ message: origin, gatewayVersion: VERSION });
    for (const line of lines) {
      expect(line).toMatchObject({
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        level: 'info',
      });
    }
    expect(child.stderr()).toBe('');
  });

  test('warns of secrets that stand in the configuration', async () => {
    const path = join(folder, 'literal.json');
    const auth = { method: 'token', token: 'a-literal-secret' };
    const nerm = { vendor: 'nerm', baseUrl: 'http://127.0.0.1:9', auth };
    writeFileSync(
      path,
      JSON.stringify({ version: 1, listen: { drainDelayMs: 0 }, targets: { nerm } }),
    );
    const child = started(['--config', path, '--port', '0']);
    await originOf(child);
    const [first = ''] = child.stdout().split('\n');
    expect(JSON.parse(first)).toMatchObject({ level: 'warn', event: 'configuration' });
    expect(child.stdout()).not.toContain('a-literal-secret');
  });

  test('has no warnings where the sandboxes answer', async () => {
    const child = started(['--or-sandbox', '--port', '0']);
    await originOf(child);
    await child.says(/curl -X PATCH/);
    expect(child.stdout()).not.toContain('"warn"');
  });
});

describe('told to stop', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('by %s it exits with 0', async (signal) => {
    const child = started(['--or-sandbox', '--port', '0']);
    await originOf(child);
    child.kill(signal);
    expect(await child.ended).toBe(0);
  });

  test('it answers what is in flight, and takes nothing new', async () => {
    const arrived = Promise.withResolvers<void>();
    const release = Promise.withResolvers<void>();
    const { port, server } = await occupied();
    server.on('request', async (_, response) => {
      arrived.resolve();
      await release.promise;
      response.end(JSON.stringify({ profile: { id: ID, name: 'Dana Example' } }));
    });
    const upstream = `http://127.0.0.1:${port}`;
    const child = started(['--config', configuration('drain.json', 0, upstream)]);
    const origin = await originOf(child);
    const answer = fetch(`${origin}/profiles/nerm:${ID}`);
    await arrived.promise;
    child.kill('SIGTERM');
    await child.says(/"event":"stopping"/);
    await expect(fetch(`${origin}/healthz`)).rejects.toThrow();
    release.resolve();
    expect((await answer).status).toBe(200);
    expect(await child.ended).toBe(0);
  });

  test('the sandboxes exit with 0 too', async () => {
    const child = node([CLI, 'sandbox', '--port', '0']);
    onTestFinished(() => end(child).then(() => {}));
    await child.says(/^senlin: http/m);
    expect(await end(child)).toBe(0);
  });
});
