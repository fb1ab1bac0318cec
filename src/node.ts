import { adapters } from '../adapters/index.ts';
import { readFlags, readPort, stopWith } from './command-line.ts';
import { createApp } from './gateway/app.ts';
import type { Configuration } from './gateway/config.ts';
import { jsonLines } from './gateway/log.ts';
import { loadDocument, loadFile } from './load.ts';
import { createNodePorts } from './node-ports.ts';
import { listen, listenUntilStopped } from './serve.ts';

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
const log = jsonLines(Date.now, (line) => process.stdout.write(`${line}\n`));

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

async function startWithSandboxes(): Promise<void> {
  const { createSandboxSet, curlLine, sandboxConfiguration } = await import('./sandboxes.ts');
  const set = createSandboxSet(Date.now);
  const upstream = await listen(set.fetch, '127.0.0.1', 0);
  // Its warnings are not told: the sandboxes' credentials are no secrets.
  const origin = await start(await loadDocument(sandboxConfiguration(set, upstream.origin)));
  process.stdout.write('\nSandboxes answer in place of the vendors. Try:\n\n');
  for (const demo of set.demos) process.stdout.write(`${curlLine(demo, origin)}\n\n`);
}

/** Serves a configuration that can be used; the origin it listens on. */
async function start(read: Configuration): Promise<string> {
  if (!read.ok) return stopWith(read.problems);
  const { gateway, listen: address } = read;
  const { ports } = createNodePorts(log);
  const app = createApp({ adapters, ports, gateway: () => gateway });
  const origin = await listenUntilStopped(app.fetch, address.host, port ?? address.port, () =>
    log({ level: 'info', event: 'stopping' }),
  );
  log({ level: 'info', event: 'listening', message: origin });
  return origin;
}
