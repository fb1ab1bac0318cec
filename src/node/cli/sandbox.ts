import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes } from '../../../adapters/sandboxes.ts';
import { readFlags, readPort } from '../command-line.ts';
import { createShutdown } from '../graceful-shutdown.ts';

/** `npm run sandbox -- --port P`: the sandboxes alone, for a gateway that runs elsewhere. */
const { values } = readFlags(
  { options: { host: { type: 'string' }, port: { type: 'string' } } },
  'usage: npm run sandbox -- [--host HOST] [--port PORT]',
);
const { host = '127.0.0.1', port = '8788' } = values;
const set = createSandboxSet(Date.now, sandboxes);
const life = createShutdown({ drainDelayMs: () => 0 });
const origin = await life.serve(set.fetch, host, readPort(port, '--port'));
for (const folder of set.byFolder.keys()) process.stdout.write(`${folder}: ${origin}/${folder}\n`);
