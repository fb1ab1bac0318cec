import { adapters } from '../../adapters/index.ts';
import { isLoopbackHost } from '../config/loopback.ts';
import { createApp } from '../http/app.ts';
import type { ListenerBinding } from '../http/listener.ts';
import { LOG_LEVELS, type LogLevel, readLogLevel } from '../telemetry/log.ts';
import { readFlags, readPort, stopWith } from './command-line.ts';
import { type LiveConfiguration, openConfiguration } from './config/live-config.ts';
import { loadDocument } from './config/load-config.ts';
import { createShutdown } from './graceful-shutdown.ts';
import type { Bindings } from './http-server/request-framing.ts';
import { listen } from './http-server/server.ts';
import { createNodePorts } from './ports.ts';
import { createNodeLog } from './telemetry/json-log.ts';
import { createMetrics } from './telemetry/prometheus.ts';
import { openTracing } from './telemetry/tracing.ts';
import { VERSION } from './version.ts';

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
  const live = await openConfiguration({ path: flags.config, log });
  if (!('current' in live)) stopWith(live);
  process.on('SIGHUP', () => void live.reload());
  await start(live);
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
  const { createSandboxSet, curlLine, sandboxConfiguration } = await import(
    '../../adapters/sandbox-kit/host.ts'
  );
  const set = createSandboxSet(Date.now, (await import('../../adapters/sandboxes.ts')).sandboxes);
  const upstream = await listen(set.fetch, '127.0.0.1', 0);
  // Its warnings are not told: the sandboxes' credentials are no secrets.
  const document = { ...sandboxConfiguration(set, upstream.origin), listen: { drainDelayMs: 0 } };
  const read = await loadDocument(document);
  if (!read.ok) return stopWith(read.problems);
  const origin = await start({ current: () => read, refused: () => undefined });
  await flush();
  process.stdout.write('\nSandboxes answer in place of the vendors. Try:\n\n');
  for (const demo of set.demos) process.stdout.write(`${curlLine(demo, origin)}\n\n`);
}

/** Serves a configuration until the process is told to stop; the origin it listens on. */
async function start({
  current,
  refused,
}: Pick<LiveConfiguration, 'current' | 'refused'>): Promise<string> {
  const tracing = await openTracing(process.env, () =>
    log({ level: 'warn', event: 'tracing', message: 'spans cannot be exported' }),
  );
  const signals = { logLevel, meter: createMetrics(), tracer: tracing.tracer };
  const { ports } = createNodePorts(log, signals);
  const life = createShutdown({
    drainDelayMs: () => current().listen.drainDelayMs,
    log,
    onEnd: async () => {
      await tracing.close();
      await flush();
    },
  });
  const app = createApp({
    adapters,
    ports,
    gateway: () => current().gateway,
    process: { isDraining: life.isDraining, refused },
  });
  const serve = (door: ListenerBinding['role'], host: string, at: number): Promise<string> => {
    const enter = (request: Request, { incoming }: Bindings): Response | Promise<Response> => {
      const entrance: ListenerBinding & Bindings = { role: door, incoming };
      return app.fetch(request, entrance);
    };
    return life.serve(enter, host, at);
  };
  const { admin, listen: address } = current();
  const door = admin === undefined ? 'shared' : 'profiles';
  const origin = await serve(door, address.host, port ?? address.port);
  log({ level: 'info', event: 'listening', message: origin, gatewayVersion: VERSION });
  if (admin !== undefined) {
    const own = isLoopbackHost(admin.host) ? 'admin-open' : 'admin';
    const message = await serve(own, admin.host, admin.port);
    log({ level: 'info', event: 'admin_listening', message });
  }
  return origin;
}
