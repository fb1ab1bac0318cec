import { createInterface } from 'node:readline';
import { createSandboxSet } from '../../../adapters/sandbox-kit/host.ts';
import { sandboxes as factories } from '../../../adapters/sandboxes.ts';
import { listen } from '../../../src/node/http-server/server.ts';
import { type Mode, startFront } from './front.ts';

/**
 * A process of its own: all sandboxes on one port, and the same behind a front on another. Each
 * line it reads breaks the front or mends it, and is answered by a line when that is done.
 */
const set = createSandboxSet(Date.now, factories);
const sandboxes = await listen(set.fetch, '127.0.0.1', 0);
const front = await startFront(set.fetch);
process.stdout.write(`${JSON.stringify({ sandboxes: sandboxes.origin, front: front.origin })}\n`);

let refuses = false;
for await (const line of createInterface({ input: process.stdin })) {
  if (refuses !== (line === 'refuse')) {
    refuses = line === 'refuse';
    await front.refuse(refuses);
  }
  if (!refuses) front.meet(line as Mode);
  process.stdout.write(`now ${line}\n`);
}
process.exit(0);
