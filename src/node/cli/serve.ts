import { dirname } from 'node:path';
import { LOG_LEVELS, type LogLevel, type LogRecord, readLogLevel } from '../../telemetry/log.ts';
import type { Meter } from '../../telemetry/metrics.ts';
import { ignoreClosedOutput, readFlags, readPort, stopWith, usageOf } from '../command-line.ts';
import { openConfiguration, type Usable } from '../config/live-config.ts';
import { loadDocument } from '../config/load-config.ts';
import { listen } from '../http-server/server.ts';
import { followReloads } from '../reload-signal.ts';
import { type GatewayOptions, startGateway } from '../start-gateway.ts';
import { type OpenState, openState } from '../state/open-state.ts';
import { createNodeLog } from '../telemetry/json-log.ts';
import { createMetrics } from '../telemetry/prometheus.ts';

export const help = `usage: profile-gateway serve [--config FILE] [--port PORT] [--or-sandbox]

Serves the HTTP API until SIGTERM or SIGINT. SIGHUP reloads the configuration.

  --config FILE  the configuration, in YAML or JSON
  --or-sandbox   without --config, serve built-in sandboxes of all vendors
  --port PORT    override PORT and the configuration's listen.port; 0 takes any free port
  -h, --help     print this text

environment:
  PORT           override the configuration's listen.port
  LOG_LEVEL      override the configuration's logLevel: ${LOG_LEVELS.join(', ')}
  HTTPS_PROXY, HTTP_PROXY, NO_PROXY
                 proxies towards vendors
  OTEL_EXPORTER_OTLP_ENDPOINT and others
                 export of spans

exit codes:
   0  stopped by a signal, every request in flight was finished
  64  wrong arguments
  69  the address cannot be listened on
  70  an uncaught error, or requests were aborted during shutdown
  78  the configuration cannot be used; every problem is printed with its path`;

const NO_RELOAD: LogRecord = {
  level: 'warn',
  event: 'configuration',
  message: 'there is no file to reload',
};

const NO_STATE: LogRecord = {
  level: 'warn',
  event: 'configuration',
  message: 'there is no state: one process may serve a target, and it forgets writes in doubt',
};

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = readFlags(
    {
      args: [...args],
      options: {
        config: { type: 'string' },
        port: { type: 'string' },
        'or-sandbox': { type: 'boolean', default: false },
      },
    },
    usageOf(help),
  );
  const port = readPortOverride(flags.port);
  const logLevel = readLogLevelOverride();
  const options = { port, logLevel, ...createNodeLog(logLevel ?? 'debug') };
  if (flags.config !== undefined) {
    const live = await openConfiguration({ path: flags.config, log: options.log });
    if (!('current' in live)) stopWith(live);
    const meter = createMetrics();
    const state = await stateOf(live.current(), dirname(flags.config), options.log, meter);
    await startGateway(live, { ...options, meter, state });
    followReloads(() => void live.reload());
  } else if (flags['or-sandbox']) {
    await startWithSandboxes(options);
    followReloads(() => options.log(NO_RELOAD));
  } else {
    stopWith([{ path: '', message: 'no configuration: start with --config FILE' }]);
  }
}

/** Opens the state of a configuration; one that cannot be used ends the process with words. */
async function stateOf(
  { gateway, state: settings }: Usable,
  folder: string,
  log: GatewayOptions['log'],
  meter: Meter,
): Promise<OpenState | undefined> {
  if (settings === undefined) {
    if (gateway.callers !== undefined) log(NO_STATE);
    return undefined;
  }
  const opened = await openState(settings, folder, log, meter.state());
  return opened.ok ? opened.state : stopWith([{ path: 'state', message: opened.problem }]);
}

/** The flag, else the environment's, where an empty `PORT` is none; undefined: neither. */
function readPortOverride(flag: string | undefined): number | undefined {
  if (flag !== undefined) return readPort(flag, '--port');
  const { PORT = '' } = process.env;
  return PORT === '' ? undefined : readPort(PORT, 'PORT');
}

/** The level of the environment; undefined: it has none. */
function readLogLevelOverride(): LogLevel | undefined {
  const { LOG_LEVEL: written = '' } = process.env;
  const level = readLogLevel(written);
  if (written === '' || level !== undefined) return level;
  return stopWith([{ path: 'LOG_LEVEL', message: `must be one of ${LOG_LEVELS.join(', ')}` }]);
}

async function startWithSandboxes(options: GatewayOptions): Promise<void> {
  const { createSandboxSet, curlLine, sandboxConfiguration } = await import(
    '../../../adapters/sandbox-kit/host.ts'
  );
  const { sandboxes } = await import('../../../adapters/sandboxes.ts');
  const set = createSandboxSet(Date.now, sandboxes);
  const upstream = await listen(set.fetch, '127.0.0.1', 0);
  // Its warnings are not reported: the sandboxes' credentials are no secrets.
  const document = { ...sandboxConfiguration(set, upstream.origin), listen: { drainDelayMs: 0 } };
  const read = await loadDocument(document);
  if (!read.ok) return stopWith(read.problems);
  const origin = await startGateway({ current: () => read, refused: () => undefined }, options);
  await options.flush();
  ignoreClosedOutput();
  process.stdout.write('\nSandboxes answer in place of the vendors. Try:\n\n');
  for (const demo of set.demos) process.stdout.write(`${curlLine(demo, origin)}\n\n`);
}
