import { parseArgs } from 'node:util';
import { createSandboxSet, curlLine } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import { hasPostgres, startPostgres } from '../../state/postgres-server.ts';
import { type ReplicaProcess, startReplica, writeConfiguration } from './replica.ts';

/** `npm run cluster`: gateways on sandboxes that share a PostgreSQL, until Ctrl-C. */

const USAGE = `usage: npm run cluster -- [--gateways N] [--port PORT]

  --gateways N  gateways to start, by default 3; 0: what they need only
  --port PORT   the first gateway's port, by default 8787; the others follow, then the sandboxes
                (PORT + 3) and PostgreSQL (PORT + 4); 0 takes any free ports`;

const EXIT = { usage: 64, unavailable: 69 } as const;
const GATEWAYS_MAX = 3;
/** Made for one run, on loopback: a password that documents can print. */
const PASSWORD = 'cluster';

const { gateways, port } = readArguments();
if (!hasPostgres()) {
  stop(EXIT.unavailable, 'PostgreSQL is not installed here: apt-get install postgresql');
}
await main();

async function main(): Promise<void> {
  const closers: (() => unknown)[] = [];
  const ended = Promise.withResolvers<string>();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => ended.resolve('stopping'));
  }
  const started = start(closers, (reason) => ended.resolve(reason)).catch((error: unknown) =>
    ended.resolve(`cannot be started: ${error instanceof Error ? error.message : error}`),
  );
  const reason = await ended.promise;
  process.stderr.write(`\n${reason}\n`);
  // What is half started would be left behind otherwise.
  await started;
  for (const close of closers.toReversed()) await close();
  process.exit(reason === 'stopping' ? 0 : EXIT.unavailable);
}

async function start(closers: (() => unknown)[], onEnd: (reason: string) => void): Promise<void> {
  const portAt = (offset: number): number => (port === 0 ? 0 : port + offset);
  const set = createSandboxSet(Date.now, sandboxes);
  const vendors = await listen(set.fetch, '127.0.0.1', portAt(3));
  const server = await startPostgres({
    password: PASSWORD,
    ...(port === 0 ? {} : { port: portAt(4) }),
  });
  closers.push(server.remove);
  const configuration = writeConfiguration(set, vendors.origin);
  closers.push(configuration.remove);
  process.stdout.write(`sandboxes  ${vendors.origin}\nPostgreSQL ${server.url()}\n`);

  const replicas: ReplicaProcess[] = [];
  closers.push(() => Promise.all(replicas.map((replica) => replica.stop())));
  for (let i = 0; i < gateways; i += 1) {
    const name = `gateway ${i + 1}`;
    const replica = startReplica({
      ...{ name, configuration: configuration.path, port: portAt(i), stateUrl: server.url() },
      onEnd: () => onEnd(`${name} has ended`),
    });
    replicas.push(replica);
  }
  const origins = await Promise.all(replicas.map(({ origin }) => origin));
  for (const [i, origin] of origins.entries()) {
    process.stdout.write(`gateway ${i + 1}  ${origin}\n`);
  }
  const [first, last] = [origins[0], origins.at(-1)];
  if (first === undefined || last === undefined) return;
  process.stdout.write('\nPatch a profile at one gateway, and read its receipt at another:\n\n');
  for (const demo of set.demos) process.stdout.write(`${curlLine(demo, first)}\n\n`);
  process.stdout.write(`curl ${last}/admin/receipts\n\nCtrl-C stops all.\n`);
}

function readArguments(): { gateways: number; port: number } {
  try {
    const { values } = parseArgs({
      options: {
        gateways: { type: 'string', default: String(GATEWAYS_MAX) },
        port: { type: 'string', default: '8787' },
        help: { type: 'boolean', short: 'h', default: false },
      },
    });
    if (values.help) stop(0, USAGE);
    const read = { gateways: Number(values.gateways), port: Number(values.port) };
    const isRight =
      Number.isInteger(read.gateways) &&
      Number.isInteger(read.port) &&
      ![read.gateways, read.port].some((number) => number < 0) &&
      read.gateways <= GATEWAYS_MAX &&
      read.port < 2 ** 16 - 5;
    return isRight ? read : stop(EXIT.usage, USAGE);
  } catch {
    return stop(EXIT.usage, USAGE);
  }
}

function stop(code: number, text: string): never {
  (code === 0 ? process.stdout : process.stderr).write(`${text}\n`);
  process.exit(code);
}
