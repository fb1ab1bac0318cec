import { adapters } from '../adapters/index.ts';
import { readFlags, readPort, stopWith } from './command-line.ts';
import { createApp } from './gateway/app.ts';
import type { Configuration } from './gateway/config.ts';
import { LOG_LEVELS, type LogLevel, readLogLevel } from './gateway/log.ts';
import { loadDocument, loadFile } from './load.ts';
import { createMetrics } from './metrics.ts';
import { createNodeLog } from './node-log.ts';
import { createNodePorts } from './node-ports.ts';
import { listen, listenUntilStopped } from './serve.ts';
import { openTracing } from './tracing.ts';

const { values: flags } = readFlags(
  {
    options: {
      config: { type: 'string' },
      port: { type: 'string' },
      'or-sandbox': { type: 'boolean', default: false },
    },
  },
  'usage: npm start -- [--config FILE] [--port PORT]',
);
const port = portAsked();
const logLevel = logLevelAsked();
const { flush, log } = createNodeLog(logLevel ?? 'debug');

if (flags.config !== undefined) {
  const read = await loadFile(flags.config);
  for (const message of read.ok ? read.warnings : []) {
    log({ level: 'warn', event: 'configuration', message });
  }
  await start(read);
} else if (flags['or-sandbox']) {
  await startWithSandboxes();
} else {
  stopWith([{ path: '', message: 'no configuration: start with --config FILE' }]);
}

/** The flag, else the environment, where an empty `PORT` is none; else the configuration tells. */
function portAsked(): number | undefined {
  if (flags.port !== undefined) return readPort(flags.port, '--port');
  const { PORT = '' } = process.env;
  return PORT === '' ? undefined : readPort(PORT, 'PORT');
}

/** The level of the environment; undefined: the configuration tells. */
function logLevelAsked(): LogLevel | undefined {
  const { LOG_LEVEL: written = '' } = process.env;
  const level = readLogLevel(written);
  if (written === '' || level !== undefined) return level;
  return stopWith([{ path: 'LOG_LEVEL', message: `must be one of ${LOG_LEVELS.join(', ')}` }]);
}

async function startWithSandboxes(): Promise<void> {
  const { createSandboxSet, curlLine, sandboxConfiguration } = await import('./sandboxes.ts');
  const set = createSandboxSet(Date.now);
  const upstream = await listen(set.fetch, '127.0.0.1', 0);
  // Its warnings are not told: the sandboxes' credentials are no secrets.
  const origin = await start(await loadDocument(sandboxConfiguration(set, upstream.origin)));
  await flush();
  process.stdout.write('\nSandboxes answer in place of the vendors. Try:\n\n');
  for (const demo of set.demos) process.stdout.write(`${curlLine(demo, origin)}\n\n`);
}

/** Serves a configuration that can be used; the origin it listens on. */
async function start(read: Configuration): Promise<string> {
  if (!read.ok) return stopWith(read.problems);
  const { gateway, listen: address } = read;
  const tracing = await openTracing(process.env, () =>
    log({ level: 'warn', event: 'tracing', message: 'spans cannot be exported' }),
  );
  const signals = { logLevel, meter: createMetrics(), tracer: tracing.tracer };
  const { ports } = createNodePorts(log, signals);
  const app = createApp({ adapters, ports, gateway: () => gateway });
  const origin = await listenUntilStopped(app.fetch, address.host, port ?? address.port, {
    onStop: () => log({ level: 'info', event: 'stopping' }),
    onEnd: async () => {
      await tracing.close();
      await flush();
    },
  });
  log({ level: 'info', event: 'listening', message: origin });
  return origin;
}
