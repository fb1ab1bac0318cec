import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { adapters } from '../adapters/index.ts';
import { createApp } from './gateway/app.ts';
import { type Listen, type Problem, readConfiguration } from './gateway/config.ts';
import { readConfigurationFile } from './gateway/config-file.ts';
import { nodeDigests } from './gateway/digests-node.ts';
import type { Gateway } from './gateway/gateway.ts';
import { DEADLINE_MS } from './gateway/limits.ts';
import { createProcessLock } from './gateway/lock.ts';
import { jsonLines } from './gateway/log.ts';
import type { Ports } from './gateway/ports.ts';
import { createUndiciSend } from './gateway/send-undici.ts';
import { listen } from './serve.ts';

/** Exit code of a configuration that cannot be used (EX_CONFIG of sysexits.h). */
const EXIT_CONFIGURATION = 78;
/** Longest wait for requests in flight when the process is told to stop. */
const DRAIN_MS = 35_000;

const { values: flags } = parseArgs({
  options: {
    config: { type: 'string' },
    port: { type: 'string' },
    'or-sandbox': { type: 'boolean', default: false },
  },
});

const transport = createUndiciSend();
const log = jsonLines(Date.now, (line) => process.stdout.write(`${line}\n`));
const ports: Ports = {
  send: transport.send,
  now: Date.now,
  random: Math.random,
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  digests: nodeDigests,
  withLock: createProcessLock(),
  serialized: 'process',
  log,
  deadlineMs: DEADLINE_MS,
};

if (flags.config !== undefined) {
  const document = readConfigurationFile(flags.config);
  if (!document.ok) stopWith(document.problems);
  else await start(document.document);
} else if (flags['or-sandbox']) {
  await startWithSandboxes();
} else {
  stopWith([{ path: '', message: 'no configuration: start with --config FILE' }]);
}

async function startWithSandboxes(): Promise<void> {
  const { createSandboxSet, curlLine, sandboxConfiguration } = await import('./sandboxes.ts');
  const set = createSandboxSet(Date.now);
  const upstream = await listen(set.fetch, '127.0.0.1', 0);
  const origin = await start(sandboxConfiguration(set, upstream.origin));
  if (origin === undefined) return;
  process.stdout.write('\nSandboxes answer in place of the vendors. Try:\n\n');
  for (const demo of set.demos) process.stdout.write(`${curlLine(demo, origin)}\n\n`);
}

/** Serves `document`; the origin it listens on, or undefined when it cannot be used. */
async function start(document: unknown): Promise<string | undefined> {
  const lookup = {
    environment: (name: string) => process.env[name],
    file: (path: string) => readFileSync(path, 'utf8').trimEnd(),
  };
  const read = await readConfiguration(document, {
    adapters,
    lookup,
    now: Date.now,
    digests: nodeDigests,
  });
  if (!read.ok) {
    stopWith(read.problems);
    return undefined;
  }
  // The sandboxes' credentials are no secrets.
  const warnings = flags.config === undefined ? [] : read.warnings;
  for (const message of warnings) log({ level: 'warn', event: 'configuration', message });
  return serveGateway(read.gateway, read.listen);
}

async function serveGateway(gateway: Gateway, address: Listen): Promise<string> {
  const app = createApp({ adapters, ports, gateway: () => gateway });
  const port = Number(flags.port ?? process.env.PORT ?? address.port);
  const { origin, server } = await listen(app.fetch, address.host, port);
  log({ level: 'info', event: 'listening', message: origin });
  const stop = (): void => {
    log({ level: 'info', event: 'stopping' });
    server.close(() => process.exit(0));
    setTimeout(() => process.exit(0), DRAIN_MS).unref();
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  return origin;
}

function stopWith(problems: readonly Problem[]): void {
  for (const { message, path } of problems) {
    process.stderr.write(`${path === '' ? '' : `${path}: `}${message}\n`);
  }
  process.exitCode = EXIT_CONFIGURATION;
}
