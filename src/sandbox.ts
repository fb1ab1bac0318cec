import { parseArgs } from 'node:util';
import { createSandboxSet } from './sandboxes.ts';
import { listen } from './serve.ts';

/** `npm run sandbox -- --port P`: the sandboxes alone, for a gateway that runs elsewhere. */
const { values } = parseArgs({
  options: { host: { type: 'string' }, port: { type: 'string' } },
});
const set = createSandboxSet(Date.now);
const { origin } = await listen(set.fetch, values.host ?? '127.0.0.1', Number(values.port ?? 8788));
for (const folder of set.byFolder.keys()) process.stdout.write(`${folder}: ${origin}/${folder}\n`);
