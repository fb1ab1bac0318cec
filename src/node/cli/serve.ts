import { dirname } from 'node:path';
import { targetView } from '../../http/routes/admin-view.ts';
import { setGauges } from '../../http/routes/metrics.ts';
import { failureViews } from '../../http/routes/overview/target-detail.ts';
import { WORKERS_MAX } from '../../limits.ts';
import { LOG_LEVELS, type LogLevel, type LogRecord, readLogLevel } from '../../telemetry/log.ts';
import type { Meter } from '../../telemetry/metrics.ts';
import { runPrimary } from '../cluster/primary.ts';
import { joinPrimary, type WorkerLink } from '../cluster/worker-link.ts';
import {
  EXIT,
  ignoreClosedOutput,
  readFlags,
  readPort,
  stop,
  stopWith,
  usageOf,
} from '../command-line.ts';
import { openConfiguration, placesOf, type Usable } from '../config/live-config.ts';
import { loadDocument } from '../config/load-config.ts';
import { listen } from '../http-server/server.ts';
import { followReloads } from '../reload-signal.ts';
import { type GatewayOptions, startGateway } from '../start-gateway.ts';
import { type OpenState, openState } from '../state/open-state.ts';
import { countHour } from '../telemetry/counted-meter.ts';
import { createNodeLog } from '../telemetry/json-log.ts';
import { createMetrics } from '../telemetry/prometheus.ts';

export const help = `usage: profile-gateway serve [--config FILE] [OPTION]...

Serves the HTTP API until SIGTERM or SIGINT. SIGHUP reloads the configuration.

  --config FILE  the configuration, in YAML or JSON
  --or-sandbox   without --config, serve built-in sandboxes of all vendors
  --port PORT    override PORT and the configuration's listen.port; 0 takes any free port
  --workers N    serve by N processes, which a state in the configuration lets share profiles
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

const NEEDS_CONFIG = 'needs --config FILE, whose state the workers share';
const NEEDS_STATE =
  'is missing: with --workers it must be in a file or a database, since a process that keeps it ' +
  'in memory does not know what the others write';

const OTHER_PLACES =
  'listen, admin or state is another one than that of the other workers: all must be started anew';

export async function run(args: readonly string[]): Promise<void> {
  const { values: flags } = readFlags(
    {
      args: [...args],
      options: {
        config: { type: 'string' },
        port: { type: 'string' },
        workers: { type: 'string', default: '1' },
        'or-sandbox': { type: 'boolean', default: false },
      },
    },
    usageOf(help),
  );
  const port = readPortOverride(flags.port);
  const logLevel = readLogLevelOverride();
  const workers = readWorkers(flags.workers);
  const { pass, ...log } = createNodeLog(logLevel ?? 'debug');
  const options = { port, logLevel, ...log };
  const link = joinPrimary();
  if (workers > 1 && link === undefined) {
    if (flags.config === undefined) stopWith([{ path: '--workers', message: NEEDS_CONFIG }]);
    await runPrimary({ ...log, pass, workers });
  } else if (flags.config !== undefined) {
    await startWithFile(flags.config, options, link);
  } else if (flags['or-sandbox']) {
    await startWithSandboxes(options);
    followReloads(() => options.log(NO_RELOAD));
  } else {
    stopWith([{ path: '', message: 'no configuration: start with --config FILE' }]);
  }
}

async function startWithFile(
  path: string,
  options: GatewayOptions,
  link: WorkerLink | undefined,
): Promise<void> {
  const onChange = link?.reportChange;
  const live = await openConfiguration({ path, log: options.log, onChange, keysAt: link?.keysAt });
  if (!('current' in live)) stopWith(live);
  if (link !== undefined && live.current().state === undefined) {
    stopWith([{ path: 'state', message: NEEDS_STATE }]);
  }
  if (link !== undefined && !(await link.mayServe(placesOf(live.current())))) {
    stopWith([{ path: '', message: OTHER_PLACES }]);
  }
  const own = createMetrics();
  const state = await stateOf(live.current(), dirname(path), options.log, own);
  const meter = link === undefined ? own : { ...own, exposition: link.exposition };
  const counted = countHour(meter, Date.now);
  await startGateway(live, { ...options, counted, state, link });
  // The primary has all workers reload together.
  if (link === undefined) followReloads(() => void live.reload());
  const read = state && { view: state.shared.view, figures: state.database.figures };
  link?.begin({
    live,
    series: async () => {
      await setGauges(own, live.current().gateway, read);
      return await own.series();
    },
    targets: () => [...live.current().gateway.targets.values()].map(targetView),
    failures: (name) => {
      const target = live.current().gateway.targets.get(name);
      return target === undefined ? [] : failureViews(target);
    },
    stats: counted.hour,
  });
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

/** The number of processes that serve. */
function readWorkers(written: string): number {
  const workers = /^\d{1,2}$/.test(written) ? Number(written) : 0;
  if (workers >= 1 && workers <= WORKERS_MAX) return workers;
  return stop(EXIT.usage, [`--workers: must be a number, 1 to ${WORKERS_MAX}`, usageOf(help)]);
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
