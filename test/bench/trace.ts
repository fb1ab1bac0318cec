import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { registerHooks } from 'node:module';
import type { AddressInfo } from 'node:net';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hopsBetween, type TraceFigures } from './trace-figures.ts';
import { instrumented, TRACE_ENTRY } from './trace-functions.ts';

/**
 * `npm run bench:trace`: sends a few PATCHes to a NERM target through the gateway of this process,
 * and prints the files that the last one enters, in order. Code of sandboxes never runs: the
 * vendor is a plain server below. With `--files`, each file and its entries.
 */
const { values: flags } = parseArgs({ options: { files: { type: 'boolean', default: false } } });

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const WARM_PATCHES = 5;
const ID = '33f072dd-13b4-41e1-8ea0-16f2a59b57c8';

const entries: string[] = [];
Object.assign(globalThis, { [TRACE_ENTRY]: (place: string) => entries.push(place) });

registerHooks({
  load: (url, context, nextLoad) => {
    const file = url.startsWith('file:') ? relative(ROOT, fileURLToPath(url)) : '';
    if (!/^(?:src|adapters)\/.*\.ts$/.test(file)) return nextLoad(url, context);
    const source = instrumented(file, readFileSync(fileURLToPath(url), 'utf8'));
    return { format: 'module', source, shortCircuit: true };
  },
});

const vendor = createServer((request, response) => {
  request.resume();
  response.setHeader('content-type', 'application/json');
  response.end(
    JSON.stringify({ profile: { id: ID, status: 'On Leave', attributes: { site: 'Berlin' } } }),
  );
});
await new Promise<void>((resolve) => vendor.listen(0, '127.0.0.1', resolve));
const { port } = vendor.address() as AddressInfo;

const figures = await trace(`http://127.0.0.1:${port}/api`);
print(figures);
process.exit(0);

async function trace(baseUrl: string): Promise<TraceFigures> {
  const { loadDocument } = await import('../../src/node/config/load-config.ts');
  const { startGateway } = await import('../../src/node/start-gateway.ts');
  const auth = { method: 'token', token: 'trace-token' };
  const target = { vendor: 'nerm', baseUrl, auth };
  const loaded = await loadDocument({ version: 1, targets: { n: target } });
  if (!loaded.ok) throw new Error('the configuration of the trace has problems');
  const origin = await startGateway(
    { current: () => loaded, refused: () => undefined },
    { flush: async () => true, log: () => undefined, logLevel: undefined, port: 0 },
  );
  const patch = JSON.stringify({ status: 'on_leave', attributes: { site: 'Berlin' } });
  for (let sent = 0; sent <= WARM_PATCHES; sent += 1) {
    entries.length = 0;
    const response = await fetch(`${origin}/profiles/n:${ID}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: patch,
    });
    const text = await response.text();
    if (!text.includes('"outcome":"applied"')) throw new Error(`not applied: ${text}`);
  }
  return hopsBetween(entries);
}

function print({ entries, functions, files, hops }: TraceFigures): void {
  const line = `${entries} entries, ${functions} functions, ${files.size} files, ${hops} hops`;
  const listed = [...files].map(([file, count]) => `${String(count).padStart(5)}  ${file}`);
  process.stdout.write([...(flags.files ? listed : []), line, ''].join('\n'));
}
