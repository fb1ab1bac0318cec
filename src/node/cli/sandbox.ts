import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { ignoreClosedOutput, readFlags, readPort, usageOf } from '../command-line.ts';
import { createShutdown } from '../graceful-shutdown.ts';

export const help = `usage: profile-gateway sandbox [--host HOST] [--port PORT] [--json]

Serves the sandboxes alone, each below a path of its own, for a gateway that runs elsewhere.

  --host HOST  the address to listen on, by default 127.0.0.1
  --port PORT  the port, by default 8788; 0 takes any free one
  --json       print {sandboxes: [{name, url}]} as JSON, in one line
  -h, --help   print this text

exit codes:
   0  stopped by a signal, every request in flight was finished
  64  wrong arguments
  69  the address cannot be listened on
  70  an uncaught error, or requests were aborted during shutdown`;

export async function run(args: readonly string[]): Promise<void> {
  const { values } = readFlags(
    {
      args: [...args],
      options: {
        host: { type: 'string' },
        port: { type: 'string' },
        json: { type: 'boolean', default: false },
      },
    },
    usageOf(help),
  );
  const { host = '127.0.0.1', port = '8788' } = values;
  const set = createSandboxSet(Date.now, sandboxes);
  const shutdown = createShutdown({ drainDelayMs: () => 0 });
  const { origin } = await shutdown.serve(set.fetch, host, readPort(port, '--port'));
  ignoreClosedOutput();
  const served = [...set.byFolder.keys()].map((name) => ({ name, url: `${origin}/${name}` }));
  const lines = values.json
    ? [JSON.stringify({ sandboxes: served })]
    : served.map(({ name, url }) => `${name}: ${url}`);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
}
